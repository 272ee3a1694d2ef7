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
			t.Run("forged headers", func(t *testing.T) { s.forged(t, routing) })
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
