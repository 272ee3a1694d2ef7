package harness

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Published is a module as an operator would publish it, with the checksum that a WasmPlugin's sha256 takes
// for each.
type Published struct {
	HTTP, HTTPSha256 string // a file on a web server
	OCI, OCISha256   string // an image FROM scratch with one file, /plugin.wasm, in a registry
}

// Publish serves a module from a registry and a web server on loopback until the test ends.
func Publish(t testing.TB, file string) Published {
	t.Helper()
	module, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(module) }))
	t.Cleanup(web.Close)
	images := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(images.Close)
	sum := sha256.Sum256(module)
	out := Published{HTTP: web.URL + "/cluster-local.wasm", HTTPSha256: hex.EncodeToString(sum[:])}

	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		var archive bytes.Buffer
		w := tar.NewWriter(&archive)
		w.WriteHeader(&tar.Header{Name: "plugin.wasm", Mode: 0o644, Size: int64(len(module))})
		w.Write(module)
		w.Close()
		return io.NopCloser(&archive), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(images.URL, "http://")
	reference, err := name.ParseReference(host+"/cluster-local:test", name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(reference, image); err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	out.OCI, out.OCISha256 = "oci://"+reference.Name(), digest.Hex
	return out
}
