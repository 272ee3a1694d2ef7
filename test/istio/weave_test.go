package istio

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

func TestAWovenVirtualServiceDoesWhatItDid(t *testing.T) {
	w := newPair(t)
	set := w.NewSet()
	user := harness.Path("testdata/user")

	behaves := func(name string, check func(*testing.T, harness.Counts, string)) {
		w.Settle()
		for _, cluster := range clusters {
			t.Run(name+"/"+cluster, func(t *testing.T) {
				w.features(t, w.callers["default/"+cluster], func(t *testing.T) { t.Helper(); check(t, w.Served("reviews"), cluster) })
			})
		}
	}
	set.Apply(user)
	behaves("without", func(t *testing.T, c harness.Counts, _ string) { t.Helper(); t.Log(c) })
	set.Apply(user, virtualService.retention(t, w.Mesh, "reviews"))
	behaves("with", func(t *testing.T, c harness.Counts, cluster string) { t.Helper(); t.Log(c); stays(t, c, cluster) })
	set.Apply(user)
	behaves("without again", func(t *testing.T, c harness.Counts, _ string) { t.Helper(); t.Log(c) })
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
			if answer.Took < 280*time.Millisecond || answer.Took > 600*time.Millisecond {
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
		deadline := time.Now().Add(2 * time.Second)
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
		versions := map[string]int{}
		for _, answer := range get(t, caller.Proxy, base+"/", 300, 200) {
			versions[answer.Header.Get("x-served-by")[:len("reviews-v1")]]++
		}
		if v2 := versions["reviews-v2"]; v2 < 30 || v2 > 95 { // 60 expected, 5 sigma
			t.Errorf("80/20 came out as %v", versions)
		}
		t.Log(fmt.Sprint(versions))
		where(t)
	})
}
