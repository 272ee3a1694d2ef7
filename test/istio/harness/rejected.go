package harness

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// refusals are the counters with which an Envoy says that it refused something that it was sent: clusters, listeners,
// routes, endpoints, extensions, secrets.
const refusals = "update_rejected$|config_fail$"

// pushProblems are what istiod itself counts as wrong in what it pushes (its push status), and what nothing that is
// generated may cause: subsets of one name, Envoy clusters of one name or without endpoints.
var pushProblems = []string{
	"pilot_destrule_subsets", "pilot_duplicate_envoy_clusters", "pilot_dns_cluster_without_endpoints",
}

// Run is t.Run for one case on this mesh. What goes wrong in the harness fails the case, and so does every update that a
// proxy has refused meanwhile.
func (m *Mesh) Run(t *testing.T, name string, run func(t *testing.T)) bool {
	t.Helper()
	return t.Run(name, func(t *testing.T) {
		t.Helper()
		outer := m.now
		m.now = t
		t.Cleanup(func() {
			m.check(t)
			m.now = outer
		})
		run(t)
	})
}

// MayRefuse lets the proxies refuse updates whose counters match this regular expression, for a test that is about that;
// empty: none again.
func (m *Mesh) MayRefuse(counters string) {
	m.mayRefuse = nil
	if counters != "" {
		m.mayRefuse = regexp.MustCompile(counters)
	}
}

// check fails for each update that was refused since the last look, and for what istiod finds wrong in its last push.
func (m *Mesh) check(t testing.TB) {
	t.Helper()
	for _, p := range m.proxies {
		p.check(t)
	}
	if m.usersProblems {
		return
	}
	var status map[string]map[string]struct{ Message string }
	text, err := m.Server.Discovery.Env.PushContext().StatusJSON()
	if err == nil {
		err = json.Unmarshal(text, &status)
	}
	if err != nil {
		t.Error(err)
	}
	for _, problem := range pushProblems {
		for _, key := range slices.Sorted(maps.Keys(status[problem])) {
			if what := problem + " " + key; !m.knownProblems[what] {
				m.knownProblems[what] = true
				t.Errorf("istiod's push status: %s: %s", what, status[problem][key].Message)
			}
		}
	}
}

func (p *Proxy) check(t testing.TB) {
	t.Helper()
	text, err := p.Admin("/stats?filter=" + refusals)
	if err != nil && p.live {
		t.Errorf("%s: %v", p.Name, err)
	}
	for line := range strings.Lines(text) {
		at := strings.LastIndex(line, ": ") // a name may hold colons
		name, n := line[:max(at, 0)], 0
		if n, err = strconv.Atoi(strings.TrimSpace(line[at+1:])); err != nil || n <= p.refused[name] {
			continue
		}
		p.refused[name] = n
		if allowed := p.mesh.mayRefuse; allowed == nil || !allowed.MatchString(name) {
			t.Errorf("%s has refused an update, %s:\n%s", p.Name, name, tail(p.log, 4))
		}
	}
}
