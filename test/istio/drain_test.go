package istio

import "testing"

// A change of routes and endpoints is for connections that are open, too; one of filters is not: Envoy answers one more request
// on each with the old filters, and closes it. So with a condition a keep-alive connection may cross once more.
func TestAConnectionFromBefore(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	caller := s.sleep[m1c1].Proxy
	const url = "http://reviews:9080/"
	for _, c := range []struct {
		name, rules string
		drained     bool // by a look at the first response
	}{
		{"without conditions", strict("default/reviews"), false},
		{"with conditions", conditional("reviews"), true},
	} {
		s.Run(t, c.name, func(t *testing.T) {
			get(t, caller, url, 1, 200)
			policy := s.NewSet()
			policy.Apply(auto.generate(t, s.Mesh, c.rules).Source)
			s.Sync()
			if c.drained {
				if last := get(t, caller, url, 1, 200)[0]; !last.Closed {
					t.Error("the old connection stays open")
				}
			}
			stays(t, s.served(t, caller, "reviews", url, 50), m1c1)
			policy.Clear()
			s.Settle()
		})
	}
}
