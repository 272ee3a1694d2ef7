package istio

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	istiowasm "istio.io/istio/pkg/wasm"

	"cluster-local/test/istio/harness"
)

// imageLayout is what npm run image makes.
const imageLayout = "../../build/image"

// fetch has Istio's own code fetch a module, as pilot-agent does for a WasmPlugin, into an empty cache.
func fetch(t *testing.T, url, sha256 string) ([]byte, error) {
	t.Helper()
	cache := istiowasm.NewLocalFileCache(t.TempDir(), istiowasm.Options{})
	defer cache.Cleanup()
	path, err := cache.Get(url, istiowasm.GetOptions{
		ResourceName: "cluster-local", ResourceVersion: "1", Checksum: sha256, RequestTimeout: 10 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func TestIstioFetchesTheImage(t *testing.T) {
	image := harness.NewRegistry(t).Push(t, imageLayout)
	module, err := os.ReadFile(strings.TrimPrefix(wasm(t), "file://"))
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string][2]string{
		"by tag":                 {image.Tag, ""},
		"by tag, with checksum":  {image.Tag, image.Hex},
		"by digest":              {image.Digest, ""},
		"by digest and checksum": {image.Digest, image.Hex},
	} {
		t.Run(name, func(t *testing.T) {
			fetched, err := fetch(t, source[0], source[1])
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(fetched, module) {
				t.Errorf("%d bytes that are not the module", len(fetched))
			}
		})
	}
}

func TestIstioRefusesWhatIsNotTheImage(t *testing.T) {
	registry := harness.NewRegistry(t)
	image := registry.Push(t, imageLayout)
	wrong := strings.Repeat("a", 64)
	manifest := image.Hex
	layer := image.Manifest.Layers[1].Digest.Hex

	cut := func(bytes int) func([]byte) []byte {
		return func(body []byte) []byte { return body[:len(body)-bytes] }
	}
	flip := func(at int) func([]byte) []byte {
		return func(body []byte) []byte {
			changed := bytes.Clone(body)
			changed[(at+len(changed))%len(changed)] ^= 1
			return changed
		}
	}
	for _, c := range []struct {
		name, url, sha256 string
		lieAbout          string // a digest in hexadecimal; empty: the registry is honest
		chunked           bool
		change            func([]byte) []byte
		reason            string
	}{
		{name: "a digest that is not there", url: strings.Replace(image.Digest, manifest, wrong, 1), reason: "MANIFEST_UNKNOWN"},
		{name: "a checksum of something else", url: image.Tag, sha256: wrong, reason: "does not match: " + wrong},
		{
			name: "another manifest under the digest", url: image.Digest, lieAbout: manifest, change: flip(-3),
			reason: "does not match requested digest",
		},
		{name: "a layer without its end", url: image.Digest, lieAbout: layer, change: cut(100), reason: "does not match expected size"},
		{
			name: "a layer that ends early without notice", url: image.Digest, lieAbout: layer, chunked: true, change: cut(100),
			reason: "error verifying size",
		},
		{
			name: "half a layer without notice", url: image.Tag, lieAbout: layer, chunked: true, change: cut(16000),
			reason: "error verifying size",
		},
		{name: "a changed first byte", url: image.Digest, lieAbout: layer, change: flip(0), reason: "error verifying sha256"},
		{name: "a changed byte", url: image.Digest, lieAbout: layer, change: flip(20000), reason: "error verifying sha256"},
		{name: "a changed last byte", url: image.Tag, lieAbout: layer, change: flip(-1), reason: "error verifying sha256"},
		{
			name: "the other layer in its place", url: image.Digest, lieAbout: layer,
			change: func([]byte) []byte { return []byte("{}") }, reason: "does not match expected size",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			registry.Lie(c.lieAbout, c.chunked, c.change)
			defer registry.Lie("", false, nil)
			fetched, err := fetch(t, c.url, c.sha256)
			if err == nil {
				t.Fatalf("accepted, %d bytes", len(fetched))
			}
			if !strings.Contains(err.Error(), c.reason) {
				t.Errorf("refused, but not for %q: %v", c.reason, err)
			}
		})
	}
	if _, err := fetch(t, image.Digest, ""); err != nil {
		t.Errorf("the registry is honest again: %v", err)
	}
}

// A mesh with a WasmPlugin whose URL is the image: requests are counted where they arrive.
func TestThePublishedImageRetains(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	registry := harness.NewRegistry(t)
	image := registry.Push(t, imageLayout)
	for _, c := range []struct {
		name, url string
		works     bool
	}{
		{"tag", image.Tag, true},
		{"digest", image.Digest, true},
		{"wrong digest", strings.Replace(image.Digest, image.Hex, strings.Repeat("b", 64), 1), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.retainsWith(t, c.works, "--image", c.url)
		})
	}
}
