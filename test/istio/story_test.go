package istio

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// story is the reference story's mesh: Bookinfo in both clusters with reviews v1 in m1c1 and v2 in m1c2, a
// gateway in m1c1, and sleep and httpbin in both.
type story struct {
	*harness.Mesh
	user        *harness.Set
	gateway     *harness.Proxy
	productpage map[string]*harness.Pod // by cluster, as the others
	reviews     map[string]*harness.Pod
	sleep       map[string]*harness.Pod
	httpbin     map[string]*harness.Pod
}

const (
	m1c1 = "m1c1"
	m1c2 = "m1c2"
)

var clusters = []string{m1c1, m1c2}

func newStory(t *testing.T) *story {
	t.Helper()
	s := &story{
		Mesh:        harness.New(t, harness.Options{}),
		productpage: map[string]*harness.Pod{}, reviews: map[string]*harness.Pod{},
		sleep: map[string]*harness.Pod{}, httpbin: map[string]*harness.Pod{},
	}
	s.user = s.NewSet()
	s.user.Apply(storyResources())
	s.Service("default", "productpage", harness.HTTP(9080))
	s.Service("default", "reviews", []harness.Port{{Name: "http", Number: 9080}, {Name: "grpc", Number: 9081}})
	s.Service("default", "httpbin", harness.HTTP(8000))
	for i, cluster := range clusters {
		deploy := func(app, version string, sidecar bool) *harness.Pod {
			return s.Deploy(harness.Workload{
				Cluster: cluster, App: app, Version: version, Sidecar: sidecar, Labels: map[string]string{"cluster": cluster},
			})
		}
		s.reviews[cluster] = deploy("reviews", fmt.Sprintf("v%d", i+1), false)
		s.httpbin[cluster] = deploy("httpbin", "v1", false)
		s.sleep[cluster] = deploy("sleep", "v1", true)
		page := deploy("productpage", "v1", true)
		page.Handle(bookPage(page))
		s.productpage[cluster] = page
	}
	s.gateway = s.Gateway(m1c1)
	s.Settle()
	return s
}

// storyResources are what the user of the story has, exactly as in the story.
func storyResources() harness.Source { return harness.Path("testdata/story") }

// bookPage is Bookinfo's productpage: it asks reviews through the pod's sidecar. Only reviews v2 has stars.
func bookPage(pod *harness.Pod) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := pod.Proxy.Get("http://reviews:9080/reviews/0")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		stars := "no stars"
		if strings.HasPrefix(answer.Header.Get("x-served-by"), "reviews-v2") {
			stars = "black stars"
		}
		fmt.Fprintf(w, "page from %s; reviews %d: %s", pod.Backend.Name, answer.Status, stars)
	}
}

// get sends n requests through a proxy; the answers must all have this status.
func get(t *testing.T, from *harness.Proxy, url string, n, status int, headers ...string) []harness.Response {
	t.Helper()
	var answers []harness.Response
	for range n {
		answer, err := from.Get(url, headers...)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Status != status {
			t.Fatalf("GET %s from %s: %d, not %d: %s", url, from.Name, answer.Status, status, answer.Body)
		}
		answers = append(answers, answer)
	}
	return answers
}

// served counts where n requests through a proxy arrive.
func (s *story) served(t *testing.T, from *harness.Proxy, app, url string, n int, headers ...string) harness.Counts {
	t.Helper()
	s.Reset()
	get(t, from, url, n, 200, headers...)
	counts := s.Served(app)
	t.Logf("%d requests from %s to %s: %v", n, from.Name, url, counts)
	return counts
}

// mixes fails unless both clusters got a share. Istio balances at random: a tenth is what 40 requests miss
// once in 10^7 runs.
func mixes(t *testing.T, counts harness.Counts) {
	t.Helper()
	for _, cluster := range clusters {
		if counts[cluster] < counts.Total()/10 {
			t.Errorf("not a mix of both clusters: %v", counts)
			return
		}
	}
}

// stays fails unless all requests arrived in one cluster.
func stays(t *testing.T, counts harness.Counts, cluster string) {
	t.Helper()
	if !counts.Only(cluster) {
		t.Errorf("not all in %s: %v", cluster, counts)
	}
}
