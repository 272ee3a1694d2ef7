package istio

import (
	"net/http"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

// A service that exists only in the other cluster: strict means an outage, in every routing.
func TestAServiceOfTheOtherCluster(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	const url = "http://only-there:8000/"
	s.Service("default", "only-there", harness.HTTP(8000), m1c2)
	s.Deploy(harness.Workload{Cluster: m1c2, App: "only-there"})
	s.Settle()
	for _, routing := range routings {
		s.Run(t, routing.name, func(t *testing.T) {
			stays(t, s.served(t, s.sleep[m1c1].Proxy, "only-there", url, 10), m1c2)
			policy := s.NewSet()
			policy.Apply(routing.retention(t, s.Mesh, "only-there"))
			s.Settle()
			s.Reset()
			get(t, s.sleep[m1c1].Proxy, url, 10, 503)
			if total := s.Served("only-there").Total(); total != 0 {
				t.Errorf("%d requests crossed", total)
			}
			stays(t, s.served(t, s.sleep[m1c2].Proxy, "only-there", url, 10), m1c2)
			policy.Clear()
			s.Settle()
		})
	}
}

// prefer goes to the other cluster when no local endpoint is ready, and comes back; an Envoy cluster of Envoy clusters does it.
func TestPreferCrossesAndComesBack(t *testing.T) {
	s := newStory(t)
	const url = "http://reviews:9080/reviews/0"
	from := s.productpage[m1c1].Proxy
	goes := func(t *testing.T, first, second string) {
		t.Helper()
		stays(t, s.served(t, from, "reviews", url, 30), first)
		stays(t, s.served(t, s.productpage[m1c2].Proxy, "reviews", url, 30), second)
	}
	for _, routing := range deciding {
		s.Run(t, routing.name, func(t *testing.T) {
			policy := s.NewSet()
			policy.Apply(routing.generate(t, s.Mesh, `[{services: [default/reviews], mode: prefer, order: [m1c2]}]`).Source)
			s.Settle()
			goes(t, m1c1, m1c2)
			s.reviews[m1c1].SetReady(false)
			s.Settle()
			goes(t, m1c2, m1c2)
			s.reviews[m1c1].SetReady(true)
			s.Settle()
			goes(t, m1c1, m1c2)
			policy.Clear()
			s.Settle()
		})
	}
	s.mixed(t)
}

// fails lets m1c1's reviews answer 500 until it is ejected, and then comes back.
func (s *story) fails(t *testing.T, from *harness.Proxy, url string) {
	t.Helper()
	// Envoy merges what changes in a cluster within a second of the last change (update_merge_window).
	time.Sleep(time.Second)
	s.reviews[m1c1].Handle(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	failed := 0
	for range 50 {
		if answer, err := from.Get(url); err != nil || answer.Status != 200 {
			failed++
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Logf("%d of 50 failed before the local endpoint was ejected", failed)
	if failed < 3 || failed > 5 {
		t.Errorf("not about the 3 that outlierDetection allows")
	}
	s.reviews[m1c1].Handle(nil)
	deadline := time.Now().Add(10 * time.Second)
	for !s.served(t, from, "reviews", url, 10).Only(m1c1) {
		if time.Now().After(deadline) {
			t.Fatal("does not come back")
		}
		time.Sleep(500 * time.Millisecond)
	}
}
