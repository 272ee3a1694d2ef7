package istio

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

func TestAWovenVirtualServiceDoesWhatItDid(t *testing.T) {
	t.Parallel()
	w := newPair(t)
	user := harness.Path("testdata/user")
	set := w.NewSet()
	behaves := func(t *testing.T, name string, check func(*testing.T, harness.Counts, string)) {
		w.Settle()
		for _, cluster := range clusters {
			t.Run(name+" in "+cluster, func(t *testing.T) {
				w.features(t, w.callers["default/"+cluster], func(t *testing.T) { t.Helper(); check(t, w.Served("reviews"), cluster) })
			})
		}
	}
	anywhere := func(t *testing.T, c harness.Counts, _ string) { t.Helper(); t.Log(c) }
	retained := func(t *testing.T, c harness.Counts, cluster string) { t.Helper(); t.Log(c); stays(t, c, cluster) }
	set.Apply(user)
	behaves(t, "without", anywhere)
	for _, routing := range routings {
		if routing.name == envoyFilter.name {
			continue // refuses the rewrite: see below
		}
		t.Run(routing.name, func(t *testing.T) {
			set.Add(routing.retention(t, w.Mesh, "reviews"))
			behaves(t, "with", retained)
			routing.remove(t, w.Mesh, set)
			if left := set.Differs(user); len(left) > 0 {
				t.Errorf("without the policy: %v", left)
			}
		})
	}
	behaves(t, "without again", anywhere)
}

// With --routing envoy-filter retained requests keep weights and version subsets, and lose what else the routes do to them;
// what would make another request of it is refused.
func TestWhatEnvoyFilterKeepsOfAVirtualService(t *testing.T) {
	t.Parallel()
	w := newPair(t)
	set := w.NewSet()
	set.Apply(harness.Path("testdata/user"))
	message := envoyFilter.refuses(t, w.Mesh, strict("default/reviews"))
	for _, want := range []string{
		"VirtualService default/reviews: spec.http[2].rewrite: does not apply to retained requests",
		"use --routing virtual-service",
	} {
		if !strings.Contains(message, want) {
			t.Errorf("%q does not say %q", message, want)
		}
	}
	set.Apply(harness.Path("testdata/user").Replace("rewrite: {uri: /}", ""))
	given := envoyFilter.generate(t, w.Mesh, strict("default/reviews"))
	for _, want := range []string{
		"spec.http[0]: does not apply to retained requests with --routing envoy-filter: timeout, retries",
		"spec.http[2]: does not apply to retained requests with --routing envoy-filter: headers",
		"spec.http[3]: does not apply to retained requests with --routing envoy-filter: mirrors",
		"spec.http[4]: does not apply to retained requests with --routing envoy-filter: fault",
	} {
		if !strings.Contains(given.report, want) {
			t.Errorf("the report does not say %q:\n%s", want, given.report)
		}
	}
	set.Add(given.Source)
	w.Settle()
	for _, cluster := range clusters {
		from := w.callers["default/"+cluster].Proxy
		w.weights(t, from)
		stays(t, w.Served("reviews"), cluster)
		get(t, from, "http://reviews:9080/", 5, 200, "x-break: yes")
	}
	envoyFilter.remove(t, w.Mesh, set)
	if left := set.Differs(harness.Path("testdata/user").Replace("rewrite: {uri: /}", "")); len(left) > 0 {
		t.Errorf("without the policy: %v", left)
	}
	w.Settle()
	get(t, w.callers["default/m1c1"].Proxy, "http://reviews:9080/", 5, 418, "x-break: yes")
}

// features checks each of the user's routes; where looks at the counts of reviews after each.
func (w *pair) features(t *testing.T, caller *harness.Pod, where func(*testing.T)) {
	const base = "http://reviews:9080"
	one := func(name string, run func(*testing.T)) {
		t.Run(name, func(t *testing.T) {
			w.Reset()
			run(t)
			w.handle(nil)
			for leak, n := range w.Leaked("x-cluster-local") {
				t.Errorf("leaked %d times: %s", n, leak)
			}
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
