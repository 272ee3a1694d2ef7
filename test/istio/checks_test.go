package istio

import (
	"strings"
	"testing"
)

// retained is what every routing must do for the reference story.
func (s *story) retained(t *testing.T) {
	t.Helper()
	for _, cluster := range clusters {
		stays(t, s.served(t, s.productpage[cluster].Proxy, "reviews", "http://reviews:9080/reviews/0", 100), cluster)
		mixes(t, s.served(t, s.sleep[cluster].Proxy, "httpbin", "http://httpbin:8000/get", 100))
	}
	s.pages(t, func(path string, starred, of int) {
		if want := map[string]int{"/productpage1": 0, "/productpage2": of}[path]; starred != want {
			t.Errorf("%s: %d of %d pages have stars, not %d", path, starred, of, want)
		}
	})
}

// pages reloads both pages of the story and hands over how many had stars.
func (s *story) pages(t *testing.T, check func(path string, starred, of int)) {
	t.Helper()
	const of = 60
	for i, path := range []string{"/productpage1", "/productpage2"} {
		s.Reset()
		starred := 0
		for _, page := range get(t, s.gateway, "http://bookinfo.example"+path, of, 200) {
			if strings.Contains(page.Body, "black stars") {
				starred++
			}
		}
		stays(t, s.Served("productpage"), clusters[i])
		t.Logf("%s: %d of %d with stars; reviews %v", path, starred, of, s.Served("reviews"))
		check(path, starred, of)
	}
}

// mixed is the story without retention.
func (s *story) mixed(t *testing.T) {
	t.Helper()
	for _, cluster := range clusters {
		mixes(t, s.served(t, s.productpage[cluster].Proxy, "reviews", "http://reviews:9080/reviews/0", 100))
	}
	s.pages(t, func(path string, starred, of int) {
		if starred == 0 || starred == of {
			t.Errorf("%s: %d of %d pages have stars", path, starred, of)
		}
	})
}
