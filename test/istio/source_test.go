package istio

import (
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

func TestTheFilterFromEverySource(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	published := harness.Publish(t, strings.TrimPrefix(wasm(t), "file://"))
	wrong := strings.Repeat("a", 64)
	for _, c := range []struct {
		name, url, sha256 string
		works             bool
	}{
		{"file", wasm(t), "", true},
		{"web", published.HTTP, "", true},
		{"web with checksum", published.HTTP, published.HTTPSha256, true},
		{"web with a wrong checksum", published.HTTP, wrong, false},
		{"image", published.OCI, "", true},
		{"image with digest", published.OCI, published.OCISha256, true},
		{"image with a wrong digest", published.OCI, wrong, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := []string{"--image", c.url}
			if c.sha256 != "" {
				args = append(args, "--sha256", c.sha256)
			}
			s.retainsWith(t, c.works, args...)
		})
	}
}

// retainsWith generates with a source of the filter, and counts whether reviews is kept local then.
func (s *story) retainsWith(t *testing.T, works bool, args ...string) {
	t.Helper()
	policy := s.NewSet()
	policy.Apply(generate(t, s.Mesh, policyOf(conditional("reviews")), args...).Source)
	s.Settle()
	counts := s.served(t, s.productpage[m1c1].Proxy, "reviews", "http://reviews:9080/reviews/0", 40)
	if works {
		stays(t, counts, m1c1)
	} else {
		mixes(t, counts) // FAIL_OPEN
	}
	policy.Clear()
	s.Settle()
}
