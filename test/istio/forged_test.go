package istio

import "testing"

// pinHeaders are the filter's names, of which each routing uses one.
var pinHeaders = []string{"x-cluster-local", "x-cluster-local-order", "x-cluster-local-target"}

// forgeries are what a client in a cluster may try, to get to the other one or anywhere else.
func forgeries(cluster string) (out [][]string) {
	other := map[string]string{m1c1: m1c2, m1c2: m1c1}[cluster]
	target := func(cluster string) string { return "outbound|9080|" + cluster + "|reviews.default.svc.cluster.local" }
	const order = "Mi4KFSoTChEKB2NsdXN0ZXISBhoEbTFjMQoVKhMKEQoHY2x1c3RlchIGGgRtMWMy" // [m1c1, m1c2]
	for _, name := range pinHeaders {
		for _, value := range []string{
			cluster, other, other + ", " + cluster, "", target(other), "outbound|8000||httpbin.default.svc.cluster.local",
			order, "no-such-cluster",
		} {
			out = append(out, []string{name + ": " + value})
		}
		out = append(out, []string{name + ": " + cluster, name + ": " + other}, []string{name + ":", name + ": " + other})
	}
	return append(out,
		[]string{"X-CLUSTER-LOCAL: " + other, "X-Cluster-Local-Order: " + order, "X-CLUSTER-LOCAL-TARGET: " + target(other)},
		[]string{"x-cluster-local: " + other, "x-cluster-local-order: " + order, "x-cluster-local-target: " + target(other)},
	)
}

// forged sends what a client may try under the filter's names: nothing changes, and with the filter nothing arrives.
func (s *story) forged(t *testing.T, routing routing) {
	t.Helper()
	for _, cluster := range clusters {
		from, others := s.sleep[cluster].Proxy, map[string]int{}
		for _, headers := range forgeries(cluster) {
			stays(t, s.served(t, from, "reviews", "http://reviews:9080/reviews/0", 4, headers...), cluster)
			s.unforged(t, routing, headers)
			for where, n := range s.served(t, from, "httpbin", "http://httpbin:8000/get", 4, headers...) {
				others[where] += n
			}
			s.unforged(t, routing, headers)
		}
		mixes(t, others)
	}
}

// unforged fails when what a client sent in a name of the filter's has arrived anywhere.
func (s *story) unforged(t *testing.T, routing routing, sent []string) {
	t.Helper()
	if routing.header == "" {
		return // without the filter nobody owns these names: they are headers as any other
	}
	for _, name := range pinHeaders {
		for leak, n := range s.Leaked(name) {
			t.Errorf("sent %q, %s leaked %d times: %s", sent, name, n, leak)
		}
	}
}

// What comes in through a gateway, and while the policy leaves requests alone, reaches no backend either.
func TestForgedHeadersWhereNothingIsRetained(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, routing := range filtered() {
		for _, c := range []struct{ name, rules string }{
			{"retained", strict("default/reviews")},
			{"disabled", strict("default/reviews") + "\nenabled: false"},
			{"off", `[{services: [default/reviews], mode: "off"}]`},
			{"observed", observe},
		} {
			t.Run(routing.name+"/"+c.name, func(t *testing.T) {
				policy := s.NewSet()
				policy.Apply(routing.generate(t, s.Mesh, c.rules).Source)
				s.Settle()
				for _, headers := range forgeries(m1c1) {
					s.Reset()
					get(t, s.gateway, "http://bookinfo.example/login", 1, 200, headers...)
					get(t, s.sleep[m1c1].Proxy, "http://reviews:9080/reviews/0", 1, 200, headers...)
					get(t, s.sleep[m1c1].Proxy, "http://httpbin:8000/get", 1, 200, headers...)
					s.unforged(t, routing, headers)
				}
				policy.Clear()
				s.Settle()
			})
		}
	}
}
