package istio

import (
	"testing"

	"cluster-local/test/istio/harness"
)

func TestEveryRoutingKeepsTheStoryLocal(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, routing := range routings {
		s.Run(t, routing.name, func(t *testing.T) {
			policy := s.NewSet()
			policy.Apply(routing.retention(t, s.Mesh, "reviews"))
			s.Settle()
			s.retained(t)
			t.Run("every form of the name", func(t *testing.T) { s.names(t) })
			t.Run("local endpoints not ready", func(t *testing.T) { s.notReady(t) })
			policy.Clear()
			s.Settle()
			s.mixed(t)
		})
	}
}

// The story's other scope, "all services", with the user's resources in place: only httpbin is left out here. The gateway
// goes where its routes say, but with MeshConfig's setting, which is for gateways, too.
func TestAllServicesOfTheStory(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, routing := range routings {
		s.Run(t, routing.name, func(t *testing.T) {
			policy := s.NewSet()
			rules := `[{services: ["*"], mode: strict}, {services: [default/httpbin], mode: "off"}]`
			policy.Apply(routing.generate(t, s.Mesh, rules).Source)
			s.Settle()
			if routing.name == meshConfig.name {
				get(t, s.gateway, "http://bookinfo.example/productpage1", 5, 200)
				get(t, s.gateway, "http://bookinfo.example/productpage2", 5, 503)
			} else {
				s.retained(t)
			}
			for _, cluster := range clusters {
				stays(t, s.served(t, s.sleep[cluster].Proxy, "productpage", "http://productpage:9080/", 40), cluster)
			}
			policy.Clear()
			s.Settle()
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
			if answer, err := harness.Send(from.H2(), "GET", "http://reviews:9080/reviews/0", ""); err != nil || answer.Status != 200 {
				t.Fatalf("HTTP/2: %v %d", err, answer.Status)
			}
			if err := from.Call("reviews:9081", "/reviews.Reviews/Get"); err != nil {
				t.Fatalf("gRPC: %v", err)
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
