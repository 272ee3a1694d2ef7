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

// end stops sending.
func (l *load) end() {
	close(l.stop)
	l.done.Wait()
}

// allAnswered fails for every request that was not answered with 200, once the load has ended.
func (l *load) allAnswered(t *testing.T) {
	t.Helper()
	statuses := map[int]int{}
	for _, a := range l.arrivals {
		statuses[a.status]++
	}
	t.Logf("responses by status: %v", statuses)
	if len(statuses) != 1 || statuses[200] == 0 {
		t.Errorf("failed requests: %v", statuses)
	}
}

// crossed is how many responses came from the other cluster, once the load has ended.
func (l *load) crossed() int {
	n := 0
	for _, a := range l.arrivals {
		if a.remote && a.status == 200 {
			n++
		}
	}
	return n
}

// effective waits until an edit shows, and returns how long that took: until the first remote response, or
// (where requests are to be local) until the last one before 200 ms of local ones only.
func (l *load) effective(t *testing.T, since time.Time, local bool) time.Duration {
	t.Helper()
	patience := time.Duration(harness.Slowdown(t) * float64(5*time.Second))
	for time.Since(since) < patience {
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
		case !local && !first.IsZero():
			return first.Sub(since)
		case local && last.IsZero() && time.Since(since) > 400*time.Millisecond:
			return 0
		case local && !last.IsZero() && time.Since(last) > 200*time.Millisecond:
			return last.Sub(since)
		}
	}
	t.Fatalf("the edit shows no effect in %v", patience)
	return 0
}
