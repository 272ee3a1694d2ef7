package istio

import (
	"testing"
	"time"
)

// Moving from the filter to Istio's own clusterLocal and back: each is laid beside the other before that one goes, and no
// request crosses or fails.
func TestMovingBetweenClusterLocalAndTheFilter(t *testing.T) {
	s := newStory(t)
	native := routings[1]
	for _, routing := range filtered() {
		t.Run(routing.name, func(t *testing.T) {
			filter, setting := s.NewSet(), s.NewSet()
			s.put(filter, routing.generate(t, s.Mesh, strict("default/reviews")))
			s.Settle()
			began := time.Now()
			step := func(what string) { s.Sync(); t.Logf("%v %s", time.Since(began), what) }
			l := startLoad(s.productpage[m1c1], "http://reviews:9080/reviews/0")
			setting.Apply(native.retention(t, s.Mesh, "reviews"))
			step("both")
			routing.remove(t, s.Mesh, filter)
			step("clusterLocal alone")
			s.put(filter, routing.generate(t, s.Mesh, strict("default/reviews")))
			step("both again")
			setting.Clear()
			step("the filter alone")
			close(l.stop)
			l.done.Wait()
			for _, a := range l.arrivals {
				if a.status != 200 || a.remote {
					t.Errorf("after %v: %d, remote: %v", a.at.Sub(began), a.status, a.remote)
				}
			}
			t.Logf("%d requests", len(l.arrivals))
			routing.remove(t, s.Mesh, filter)
			s.Settle()
		})
	}
}
