package istio

import (
	"testing"

	"cluster-local/test/istio/harness"
)

func TestEveryRoutingKeepsTheStoryLocal(t *testing.T) {
	s := newStory(t)
	for _, routing := range routings {
		t.Run(routing.name, func(t *testing.T) {
			policy := s.NewSet()
			policy.Apply(routing.retention(t, s.Mesh, "reviews"))
			s.Settle()
			s.retained(t)
			t.Run("every form of the name", func(t *testing.T) { s.names(t) })
			t.Run("local endpoints not ready", func(t *testing.T) { s.notReady(t) })
			if routing.header != "" {
				t.Run("forged headers", func(t *testing.T) { s.forged(t, routing.header) })
			}
			policy.Clear()
			s.Settle()
			s.mixed(t)
		})
	}
}

// names asks by every name that a caller may use, in HTTP/1.1, HTTP/2 and gRPC.
func (s *story) names(t *testing.T) {
	t.Helper()
	for _, cluster := range clusters {
		from := s.sleep[cluster].Proxy
		for _, host := range []string{
			"reviews", "reviews.default", "reviews.default.svc", "reviews.default.svc.cluster.local",
			s.VIP(cluster, "default", "reviews"),
		} {
			url := "http://" + host + ":9080/reviews/0"
			stays(t, s.served(t, from, "reviews", url, 10), cluster)
			stays(t, s.served(t, from, "reviews", url, 10, "host: "+host), cluster) // without the port
		}
		s.Reset()
		for range 10 {
			answer, err := harness.Send(from.H2(), "POST", "http://reviews:9081/reviews.Reviews/Get", "\x00\x00\x00\x00\x00",
				"content-type: application/grpc", "te: trailers")
			if err != nil || answer.Status != 200 || answer.Trailer.Get("grpc-status") != "0" {
				t.Fatalf("gRPC: %v %+v", err, answer)
			}
		}
		stays(t, s.Served("reviews"), cluster)
	}
}

// forged sends what a client may try in the header that the filter owns; nothing changes and nothing arrives.
func (s *story) forged(t *testing.T, header string) {
	t.Helper()
	target := func(cluster string) string { return "outbound|9080|" + cluster + "|reviews.default.svc.cluster.local" }
	for _, cluster := range clusters {
		other := map[string]string{m1c1: m1c2, m1c2: m1c1}[cluster]
		for _, headers := range [][]string{
			{header + ": " + other},
			{header + ": " + cluster},
			{"X-CLUSTER-LOCAL" + header[len("x-cluster-local"):] + ": " + other},
			{header + ": " + cluster, header + ": " + other},
			{header + ": " + other + ", " + cluster},
			{header + ":"},
			{header + ": " + target(other)},
			{header + ": outbound|8000||httpbin.default.svc.cluster.local"},
			{header + ": no-such-cluster"},
		} {
			from := s.sleep[cluster].Proxy
			stays(t, s.served(t, from, "reviews", "http://reviews:9080/reviews/0", 10, headers...), cluster)
			s.unforged(t, header, headers)
			mixes(t, s.served(t, from, "httpbin", "http://httpbin:8000/get", 40, headers...))
			s.unforged(t, header, headers)
		}
	}
}

func (s *story) unforged(t *testing.T, header string, sent []string) {
	t.Helper()
	for leak, n := range s.Leaked(header) {
		t.Errorf("sent %q, leaked %d times: %s", sent, n, leak)
	}
}

// notReady takes m1c1's reviews out: its callers get 503, those of m1c2 do not notice; then all is as before.
func (s *story) notReady(t *testing.T) {
	t.Helper()
	const url = "http://reviews:9080/reviews/0"
	s.reviews[m1c1].SetReady(false)
	s.Settle()
	s.Reset()
	get(t, s.productpage[m1c1].Proxy, url, 20, 503)
	if total := s.Served("reviews").Total(); total != 0 {
		t.Errorf("%d requests crossed", total)
	}
	stays(t, s.served(t, s.productpage[m1c2].Proxy, "reviews", url, 20), m1c2)
	s.reviews[m1c1].SetReady(true)
	s.Settle()
	stays(t, s.served(t, s.productpage[m1c1].Proxy, "reviews", url, 20), m1c1)
}
