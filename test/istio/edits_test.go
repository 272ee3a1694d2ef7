package istio

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cluster-local/test/istio/harness"
)

// arrival is when a response came, and from where.
type arrival struct {
	at     time.Time
	status int
	remote bool
}

// load sends requests one after the other, from two clients, until it is stopped.
type load struct {
	mu       sync.Mutex
	arrivals []arrival
	stop     chan struct{}
	done     sync.WaitGroup
}

func startLoad(from *harness.Pod, url string) *load {
	l := &load{stop: make(chan struct{})}
	for range 2 {
		l.done.Go(func() {
			for {
				select {
				case <-l.stop:
					return
				case <-time.After(time.Millisecond):
				}
				answer, err := from.Proxy.Get(url)
				if err != nil {
					answer.Status = -1
				}
				remote := !strings.Contains(answer.Header.Get("x-served-by"), from.Workload.Cluster)
				l.mu.Lock()
				l.arrivals = append(l.arrivals, arrival{time.Now(), answer.Status, remote})
				l.mu.Unlock()
			}
		})
	}
	return l
}

// effective waits until an edit shows, and returns how long that took: until the first remote response, or
// (for retention) until the last one before 200 ms of local ones only.
func (l *load) effective(t *testing.T, since time.Time, retained bool) time.Duration {
	t.Helper()
	for time.Since(since) < 5*time.Second {
		time.Sleep(10 * time.Millisecond)
		l.mu.Lock()
		var first, last time.Time
		for i := len(l.arrivals) - 1; i >= 0 && l.arrivals[i].at.After(since); i-- {
			if l.arrivals[i].remote {
				first = l.arrivals[i].at
				if last.IsZero() {
					last = first
				}
			}
		}
		l.mu.Unlock()
		switch {
		case !retained && !first.IsZero():
			return first.Sub(since)
		case retained && last.IsZero() && time.Since(since) > 400*time.Millisecond:
			return 0
		case retained && !last.IsZero() && time.Since(last) > 200*time.Millisecond:
			return last.Sub(since)
		}
	}
	t.Fatal("the edit shows no effect in 5 s")
	return 0
}

// edits are what a policy goes through: every second one retains reviews, in different ways, the others stop it.
var edits = []struct {
	rules    string
	retained bool
}{
	{`[{services: [default/reviews], mode: "off"}]`, false},
	{strict("default/*"), true},
	{strict("default/reviews") + "\nenabled: false", false},
	{`[{services: ["*"], mode: strict}, {services: [default/httpbin], mode: "off"}]`, true},
	{strict("default/httpbin"), false},
	{strict("default/reviews"), true},
	{observe, false},
	{strict("default/reviews"), true},
	{`[{services: ["*"], mode: strict}, {services: [default/reviews], mode: "off"}]`, false},
	{strict("default/reviews"), true},
}

// The first policy, 20 edits of it and its removal, while requests go on: none fails, and each shows within a second (of
// a fast machine).
func TestTwentyEditsUnderLoad(t *testing.T) {
	s := newStory(t)
	for _, routing := range routings {
		t.Run(routing.name, func(t *testing.T) {
			policy := s.NewSet()
			l := startLoad(s.productpage[m1c1], "http://reviews:9080/reviews/0")
			var took []time.Duration
			edit := func(rules string, retained bool) {
				took = append(took, s.edit(t, routing, policy, l, rules, retained))
				if bound := time.Duration(harness.Slowdown(t) * float64(time.Second)); took[len(took)-1] > bound {
					t.Errorf("not within %v, a second of a fast machine: %v", bound, took)
				}
			}
			edit(strict("default/reviews"), true)
			for n := range 20 {
				edit(edits[n%len(edits)].rules, edits[n%len(edits)].retained)
			}
			since := time.Now()
			routing.remove(t, s.Mesh, policy)
			l.effective(t, since, false)
			close(l.stop)
			l.done.Wait()
			statuses := map[int]int{}
			for _, a := range l.arrivals {
				statuses[a.status]++
			}
			t.Logf("responses by status: %v; slowest edit: %v", statuses, slices.Max(took))
			if len(statuses) != 1 || statuses[200] == 0 {
				t.Errorf("failed requests: %v", statuses)
			}
			if left := policy.Differs(); len(left) > 0 {
				t.Errorf("after the removal: %v", left)
			}
		})
	}
}

// edit generates for other rules and applies that, as the docs say; it returns after how long that shows.
func (s *story) edit(
	t *testing.T, routing routing, policy *harness.Set, l *load, rules string, retained bool,
) time.Duration {
	t.Helper()
	since := s.put(policy, routing.generate(t, s.Mesh, rules))
	if routing.name == sourceLabels.name { // it is the routes that retain: those that are not needed have to go at once
		prune(t, s.Mesh, policy, policyOf(rules), routing.options(t)...)
	}
	return l.effective(t, since, retained)
}

// put applies what was generated as the docs say: subsets are in the proxies, with their endpoints, before anything leads
// to them. It returns when the rest was applied.
func (s *story) put(policy *harness.Set, made generated) time.Time {
	if subsets := made.Only("DestinationRule"); len(subsets.Documents()) > 0 {
		policy.Add(subsets)
		s.Sync()
	}
	now := time.Now()
	policy.Add(made.Source)
	return now
}
