package istio

import "testing"

// A change of filters does not reach the connections that are open: Envoy answers one more request on each
// with the old filters and closes it. So a keep-alive connection may cross clusters once after retention took
// effect.
func TestAConnectionFromBeforeIsDrained(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	caller := s.sleep[m1c1].Proxy
	get(t, caller, "http://reviews:9080/", 1, 200)
	policy := s.NewSet()
	policy.Apply(virtualService.retention(t, s.Mesh, "reviews"))
	s.Sync()
	last := get(t, caller, "http://reviews:9080/", 1, 200)[0]
	if !last.Closed {
		t.Error("the old connection stays open")
	}
	stays(t, s.served(t, caller, "reviews", "http://reviews:9080/", 50), m1c1)
}
