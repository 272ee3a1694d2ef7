package istio

import (
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

func TestTwentyEditsUnderLoad(t *testing.T) {
	s := newStory(t)
	for _, routing := range filtered() {
		t.Run(routing.name, func(t *testing.T) {
			policy := s.NewSet()
			policy.Apply(routing.retention(t, s.Mesh, "reviews"))
			s.Settle()
			l := startLoad(s.productpage[m1c1], "http://reviews:9080/reviews/0")
			var slowest time.Duration
			for edit := range 20 {
				mode := []string{"off", "strict"}[edit%2]
				next := routing.generate(t, s.Mesh, `[{services: [default/reviews], mode: `+mode+`}]`)
				since := time.Now()
				policy.Add(next.Source) // what is not needed any more stays, as after kubectl apply
				took := l.effective(t, since, mode == "strict")
				slowest = max(slowest, took)
				if took > time.Second {
					t.Errorf("edit %d (%s) took %v", edit, mode, took)
				}
			}
			close(l.stop)
			l.done.Wait()
			statuses := map[int]int{}
			for _, a := range l.arrivals {
				statuses[a.status]++
			}
			t.Logf("responses by status: %v; slowest of 20 edits: %v", statuses, slowest)
			if len(statuses) != 1 || statuses[200] == 0 {
				t.Errorf("failed requests: %v", statuses)
			}
			policy.Clear()
			s.Settle()
		})
	}
}
