package istio

import (
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

// A VirtualService with every feature of a route does the same with, without and after the policy, and nobody has written to it.
func TestAVirtualServiceDoesWhatItDid(t *testing.T) {
	t.Parallel()
	w := newPair(t)
	user := w.NewSet()
	user.Apply(harness.Path("testdata/user"))
	before := user.Versions()
	behaves := func(t *testing.T, name string, check func(*testing.T, harness.Counts, string)) {
		w.Settle()
		for _, cluster := range clusters {
			w.Run(t, name+" in "+cluster, func(t *testing.T) {
				w.features(t, w.callers["default/"+cluster], func(t *testing.T) { t.Helper(); check(t, w.Served("reviews"), cluster) })
			})
		}
	}
	anywhere := func(t *testing.T, c harness.Counts, _ string) { t.Helper(); t.Log(c) }
	local := func(t *testing.T, c harness.Counts, cluster string) { t.Helper(); t.Log(c); stays(t, c, cluster) }
	behaves(t, "without", anywhere)
	for _, routing := range ours {
		t.Run(routing.name, func(t *testing.T) {
			policy := w.NewSet()
			policy.Apply(routing.retention(t, w.Mesh, "reviews"))
			behaves(t, "with", local)
			routing.remove(t, w.Mesh, policy)
			if left := policy.Differs(); len(left) > 0 {
				t.Errorf("left of the policy: %v", left)
			}
			if after := user.Versions(); !maps.Equal(before, after) {
				t.Errorf("somebody has written to the user's objects: %v, then %v", before, after)
			}
		})
	}
	behaves(t, "without again", anywhere)
}

// features checks each of the user's routes; where looks at the counts of reviews after each.
func (w *pair) features(t *testing.T, caller *harness.Pod, where func(*testing.T)) {
	const base = "http://reviews:9080"
	one := func(name string, run func(*testing.T)) {
		t.Run(name, func(t *testing.T) {
			w.Reset()
			run(t)
			w.handle(nil)
		})
	}
	one("timeout", func(t *testing.T) {
		w.handle(func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) })
		for _, answer := range get(t, caller.Proxy, base+"/slow", 2, 504) {
			if answer.Took < 280*time.Millisecond || answer.Took > 900*time.Millisecond {
				t.Errorf("took %v", answer.Took)
			}
		}
		where(t)
	})
	one("retries", func(t *testing.T) {
		var calls atomic.Int32
		w.handle(func(rw http.ResponseWriter, _ *http.Request) {
			if calls.Add(1)%3 != 0 {
				rw.WriteHeader(503)
			}
		})
		get(t, caller.Proxy, base+"/flaky", 5, 200)
		if total := w.Served("reviews").Total(); total != 15 {
			t.Errorf("%d attempts for 5 requests", total)
		}
		where(t)
	})
	one("rewrite and headers", func(t *testing.T) {
		for _, answer := range get(t, caller.Proxy, base+"/v2/x", 10, 200, "x-unwanted: 1") {
			if answer.Header.Get("x-answered") != "yes" || !strings.HasPrefix(answer.Header.Get("x-served-by"), "reviews-v2") {
				t.Errorf("%v", answer.Header)
			}
		}
		for _, pod := range w.reviews {
			for _, r := range pod.Requests() {
				if r.Path != "/x" || r.Header.Get("x-added") != "yes" || r.Header.Get("x-unwanted") != "" {
					t.Errorf("%s %v", r.Path, r.Header)
				}
			}
		}
		where(t)
	})
	one("mirror", func(t *testing.T) {
		get(t, caller.Proxy, base+"/mirrored", 20, 200)
		deadline := time.Now().Add(10 * time.Second)
		for w.Served("httpbin").Total() < 20 && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
		}
		if copies := w.Served("httpbin"); copies.Total() != 20 {
			t.Errorf("mirrored: %v", copies)
		}
		where(t)
	})
	one("fault", func(t *testing.T) {
		get(t, caller.Proxy, base+"/", 5, 418, "x-break: yes")
		if total := w.Served("reviews").Total(); total != 0 {
			t.Errorf("%d requests arrived", total)
		}
	})
	one("weights", func(t *testing.T) {
		w.weights(t, caller.Proxy)
		where(t)
	})
}

// weights checks that 80 of 100 requests go to reviews v1 and 20 to v2.
func (w *pair) weights(t *testing.T, from *harness.Proxy) {
	t.Helper()
	w.Reset()
	versions := map[string]int{}
	for _, answer := range get(t, from, "http://reviews:9080/", 300, 200) {
		versions[answer.Header.Get("x-served-by")[:len("reviews-v1")]]++
	}
	if v2 := versions["reviews-v2"]; v2 < 25 || v2 > 95 { // 60 expected, 5 sigma
		t.Errorf("80/20 came out as %v", versions)
	}
	t.Log(versions)
}
