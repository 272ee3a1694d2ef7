package istio

import (
	"fmt"
	"testing"

	"cluster-local/test/istio/harness"
)

// scopes is a mesh with two services in each of two namespaces, and callers in both.
type scopes struct {
	*story
	callers []*harness.Pod
}

func newScopes(t *testing.T) *scopes {
	t.Helper()
	s := &scopes{story: &story{Mesh: harness.New(t, harness.Options{Namespaces: []string{"other"}})}}
	s.Service("default", "reviews", []harness.Port{{Name: "http", Number: 9080}, {Name: "http-admin", Number: 9090}})
	s.Service("default", "httpbin", harness.HTTP(8000))
	s.Service("other", "ratings", harness.HTTP(8000))
	s.Service("other", "details", harness.HTTP(8000))
	for _, cluster := range clusters {
		for _, app := range []string{"reviews", "httpbin"} {
			s.Deploy(harness.Workload{Cluster: cluster, App: app})
		}
		for _, app := range []string{"ratings", "details"} {
			s.Deploy(harness.Workload{Cluster: cluster, Namespace: "other", App: app})
		}
		for _, namespace := range []string{"default", "other"} {
			caller := harness.Workload{Cluster: cluster, Namespace: namespace, App: "sleep", Sidecar: true}
			s.callers = append(s.callers, s.Deploy(caller))
		}
	}
	return s
}

// urls of the services, by app.
var urls = map[string]string{
	"reviews": "http://reviews.default:9080/", "httpbin": "http://httpbin.default:8000/",
	"ratings": "http://ratings.other:8000/", "details": "http://details.other:8000/",
}

// retains checks for every caller which apps its requests stay in its cluster for; those to the others mix.
func (s *scopes) retains(t *testing.T, local ...string) {
	t.Helper()
	for _, caller := range s.callers {
		for app, url := range urls {
			counts := s.served(t, caller.Proxy, app, url, 40)
			retained := false
			for _, one := range local {
				retained = retained || one == app
			}
			if retained {
				stays(t, counts, caller.Workload.Cluster)
			} else {
				mixes(t, counts)
			}
		}
	}
}

func TestWhatAPatternStandsFor(t *testing.T) {
	t.Parallel()
	s := newScopes(t)
	s.Settle()
	for _, routing := range routings {
		for _, c := range []struct {
			name, rules string
			local       []string
		}{
			{"everything but one", `[{services: ["*"], mode: strict}, {services: [default/httpbin], mode: "off"}]`, []string{"reviews", "ratings", "details"}},
			{"a namespace", strict("other/*"), []string{"ratings", "details"}},
			{"a namespace but one", `[{services: ["default/*"], mode: strict}, {services: [default/httpbin], mode: "off"}]`, []string{"reviews"}},
			{"hosts", `[{hosts: ["*.other.svc.cluster.local", reviews.default.svc.cluster.local], mode: strict}]`, []string{"reviews", "ratings", "details"}},
		} {
			s.Run(t, routing.name+"/"+c.name, func(t *testing.T) {
				policy := s.NewSet()
				policy.Apply(routing.generate(t, s.Mesh, c.rules).Source)
				s.Settle()
				s.retains(t, c.local...)
				policy.Clear()
				s.Settle()
			})
		}
	}
	s.retains(t)
}

// Each port of a service is one of its own for Istio: kept local both, and neither's requests arrive at the other.
func TestTwoPortsOfOneService(t *testing.T) {
	t.Parallel()
	s := newScopes(t)
	for _, routing := range routings {
		s.Run(t, routing.name, func(t *testing.T) {
			policy := s.NewSet()
			policy.Apply(routing.retention(t, s.Mesh, "reviews"))
			s.Settle()
			for _, caller := range s.callers {
				for _, port := range []int{9080, 9090} {
					url := fmt.Sprintf("http://reviews.default:%d/", port)
					stays(t, s.served(t, caller.Proxy, "reviews", url, 20), caller.Workload.Cluster)
					for arrived := range s.Ports("reviews") {
						if arrived != port {
							t.Errorf("a request to port %d arrived at %d", port, arrived)
						}
					}
				}
			}
			policy.Clear()
			s.Settle()
		})
	}
}
