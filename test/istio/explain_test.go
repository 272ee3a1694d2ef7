package istio

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"

	"cluster-local/test/istio/harness"
)

// perCase is how many requests are explained and sent for each policy with each of the user's resources.
const perCase = 30

// explain says of generated requests what becomes of them, from what kubectl prints of a mesh; here they are sent, and
// counted where they arrive: nothing at an endpoint that it excludes, something at each that it allows, the status that it
// tells, the filter's own word for its decision.
func TestExplainSaysWhatHappens(t *testing.T) {
	t.Parallel()
	m := newExplained(t)
	inventory, user, seen := startExplainer(t), m.NewSet(), tally{}
	random := rand.New(rand.NewPCG(7, 7))
	for number, each := range usersResources {
		for _, name := range each.policies {
			m.Run(t, each.name+"/"+name, func(t *testing.T) {
				user.Apply(harness.YAML(each.yaml))
				policy := "version: 1\nclusters: [m1c1, m1c2]\n" + explainedPolicies[name]
				dir := t.TempDir()
				resources := m.NewSet()
				made := inventory.generate(t, m.Mesh, dir, policy, auto.options(t)...)
				inventory.lookAt(t, m.Mesh, dir, policy, number%3 != 1)
				resources.Apply(made)
				m.Settle()
				for i := range perCase {
					q := each.ask(random)
					said, line := inventory.explain(t, q)
					m.compare(t, q, said, seen)
					if i == 0 {
						inventory.sameOnCommandLine(t, q, line)
					}
				}
				resources.Clear()
				user.Clear()
			})
		}
	}
	t.Log(seen)
	for _, what := range []string{
		"strict", "prefer", "observe", "off", "override", "untouched", "status 301", "status 403", "status 404", "status 503",
		"status 418", "compared", "excluded", "each allowed", "parts",
	} {
		if seen[what] == 0 {
			t.Errorf("no case of %q", what)
		}
	}
	if seen["compared"] < 500 || seen["not compared"] > seen["compared"]/10 {
		t.Errorf("%d compared, %d not", seen["compared"], seen["not compared"])
	}
}

// The other routings lead to the same endpoints.
func TestEveryRoutingLeadsWhereExplainSays(t *testing.T) {
	t.Parallel()
	m := newExplained(t)
	inventory, user, seen := startExplainer(t), m.NewSet(), tally{}
	random := rand.New(rand.NewPCG(8, 8))
	for _, routing := range routings {
		for _, each := range usersResources {
			if !slices.Contains(each.otherRoutings, routing.name) {
				continue
			}
			m.Run(t, routing.name+"/"+each.name, func(t *testing.T) {
				user.Apply(harness.YAML(named(each.yaml)))
				policy := policyOf(`[{services: [default/reviews, default/lonely, shop/cart], mode: strict}]`)
				resources := m.NewSet()
				made := inventory.generate(t, m.Mesh, t.TempDir(), policy, routing.options(t)...)
				resources.Apply(made)
				m.Settle()
				for range perCase {
					q := each.ask(random)
					said, _ := inventory.explain(t, q)
					m.compare(t, q, said, seen)
				}
				resources.Clear()
				user.Clear()
			})
		}
	}
	t.Log(seen)
}

// tally counts what has come up.
type tally map[string]int

// compare sends a request so often that all that may happen to it does, and holds it against what was said; false where they
// differ.
func (m *explained) compare(t *testing.T, q question, said explanation, seen tally) bool {
	t.Helper()
	if reason := incomparable(said); reason != "" {
		seen["not compared"]++
		seen[reason]++
		return true
	}
	seen["compared"]++
	seen[said.Decision]++
	first, decisions, statuses := map[string]bool{}, []string{said.Decision}, []int{200}
	for _, endpoint := range said.Endpoints.Allowed {
		first[endpoint.Address] = endpoint.Turn < 2
	}
	maps.DeleteFunc(first, func(_ string, isFirst bool) bool { return !isFirst })
	if said.Status != 0 {
		statuses = []int{said.Status}
		seen[fmt.Sprintf("status %d", said.Status)]++
	}
	for _, part := range said.Parts {
		seen["parts"]++
		decisions, statuses = append(decisions, part.Decision), append(statuses, max(part.Status, 200))
	}
	m.Reset()
	proxy := m.callerOf(q)
	before := proxy.Counters(decided)
	guessed := slices.ContainsFunc(said.Notes, func(note string) bool { return strings.HasPrefix(note, "not known") })
	for sent := 1; sent <= 400; sent++ {
		answer, err := m.send(q)
		if err != nil {
			t.Fatalf("%v: %+v", err, q)
		}
		if !slices.Contains(statuses, answer.Status) {
			m.differs(t, q, said, "status %d of %v", answer.Status, statuses)
			return false
		}
		if sent < 12 {
			continue
		}
		arrived := m.Arrived()
		for address, n := range arrived {
			if !first[address] {
				m.differs(t, q, said, "%d of %d arrived at %s", n, sent, address)
				return false
			}
		}
		if len(arrived) == len(first) || guessed {
			break
		}
		if sent == 400 {
			m.differs(t, q, said, "of 400 requests: %v", arrived)
			return false
		}
	}
	// The filter grants an override of a service that is left out, too; no route reads its pin. Where a wider rule names the
	// service, it has a rule that takes it out.
	if strings.Contains(said.Summary, "generate istio leaves") {
		decisions = append(decisions, "override", "off")
	}
	for counter := range since(before, proxy.Counters(decided)) {
		name := strings.TrimPrefix(counter, decided)
		if name != "override.refused" && !slices.ContainsFunc(decisions, func(decision string) bool { return slices.Contains(countedAs[decision], name) }) {
			m.differs(t, q, said, "the filter counts %s, not %v", name, decisions)
			return false
		}
	}
	if len(said.Endpoints.Excluded) > 0 {
		seen["excluded"]++
	}
	if len(first) > 1 && !guessed {
		seen["each allowed"]++
	}
	return true
}

// incomparable is why nothing can be compared.
func incomparable(said explanation) string {
	if said.Share != nil && !said.Share.Known || strings.Contains(said.Summary, "% of requests (by ") {
		return "a share that the request does not tell"
	}
	for _, note := range said.Notes {
		for _, unknown := range []string{"passes the request through", "are not known", "not known: whether", "not known: the endpoints"} {
			if strings.Contains(note, unknown) {
				return note
			}
		}
	}
	return ""
}

// countedAs is under which of the filter's counters a decision goes.
var countedAs = map[string][]string{
	"strict": {"requests.retained"}, "prefer": {"requests.preferred"}, "observe": {"requests.observed"},
	"off": {"requests.bypassed"}, "override": {"override.allowed", "requests.retained", "requests.bypassed"}, "untouched": {},
}

func (m *explained) callerOf(q question) *harness.Proxy {
	return m.callers[q.Cluster+" "+q.Caller["namespace"]+"/"+q.Caller["workload"]]
}

func (m *explained) send(q question) (harness.Response, error) {
	headers := []string{"host: " + q.Host}
	for _, h := range q.Headers {
		headers = append(headers, h[0]+": "+h[1])
	}
	client := *m.callerOf(q).Client()
	client.CheckRedirect = stopAtRedirects
	return harness.Send(&client, q.Method, "http://"+net.JoinHostPort("mesh", q.port)+q.Path, "", headers...)
}

func (m *explained) differs(t *testing.T, q question, said explanation, format string, args ...any) {
	t.Helper()
	asked, _ := json.Marshal(q)
	t.Errorf("%s\n%s\n%s\nallowed %v\nnotes %q", fmt.Sprintf(format, args...), asked, said.Summary, said.Endpoints.Allowed, said.Notes)
}
