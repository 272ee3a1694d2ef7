package harness

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Registry is an image registry on loopback that can be made to lie.
type Registry struct {
	host string

	mu      sync.Mutex
	suffix  string
	tamper  func(body []byte) []byte
	chunked bool
}

// NewRegistry serves an empty registry until the test ends.
func NewRegistry(t testing.TB) *Registry {
	t.Helper()
	r := &Registry{}
	honest := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		tamper, chunked := r.tamper, r.chunked
		lie := tamper != nil && request.Method == http.MethodGet && strings.HasSuffix(request.URL.Path, r.suffix)
		r.mu.Unlock()
		if !lie {
			honest.ServeHTTP(w, request)
			return
		}
		answer := httptest.NewRecorder()
		honest.ServeHTTP(answer, request)
		for key, values := range answer.Header() {
			w.Header()[key] = values
		}
		body := tamper(answer.Body.Bytes())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		if chunked {
			w.Header().Del("Content-Length")
		}
		w.WriteHeader(answer.Code)
		if chunked {
			w.(http.Flusher).Flush() // or a short body would get the header again
		}
		w.Write(body)
	}))
	t.Cleanup(server.Close)
	r.host = strings.TrimPrefix(server.URL, "http://")
	return r
}

// Lie changes what the registry answers for a path that ends like this, such as a digest; with `chunked`
// without saying how long it is. A nil change makes it honest again.
func (r *Registry) Lie(suffix string, chunked bool, change func(body []byte) []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.suffix, r.chunked, r.tamper = suffix, chunked, change
}

// Image is a pushed image, as a WasmPlugin names it.
type Image struct {
	Tag      string // oci://127.0.0.1:1234/cluster-local:0.1.0
	Digest   string // oci://127.0.0.1:1234/cluster-local@sha256:…
	Hex      string // the digest alone, which a WasmPlugin takes as sha256
	Manifest v1.Manifest
}

// Push pushes the one image of an OCI layout, as crane, oras and skopeo do.
func (r *Registry) Push(t testing.TB, dir string) Image {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatalf("%v: npm run image makes %s", err, dir)
		}
	}
	index, err := layout.ImageIndexFromPath(dir)
	fail(err)
	manifests, err := index.IndexManifest()
	fail(err)
	if len(manifests.Manifests) != 1 {
		t.Fatalf("%s has %d images, not one", dir, len(manifests.Manifests))
	}
	entry := manifests.Manifests[0]
	image, err := index.Image(entry.Digest)
	fail(err)
	manifest, err := image.Manifest()
	fail(err)
	repository := r.host + "/cluster-local"
	tag := repository + ":" + entry.Annotations["org.opencontainers.image.ref.name"]
	reference, err := name.NewTag(tag, name.Insecure)
	fail(err)
	fail(remote.Write(reference, image))
	return Image{
		Tag: "oci://" + tag, Digest: "oci://" + repository + "@" + entry.Digest.String(), Hex: entry.Digest.Hex,
		Manifest: *manifest,
	}
}
