package harness

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"istio.io/istio/pilot/pkg/xds"
)

// Settle waits until every proxy is live and has acknowledged all that istiod has to send, and makes the
// clients of the proxies connect anew; the test fails when a proxy rejects a configuration.
func (m *Mesh) Settle() {
	m.t.Helper()
	statuses := m.Sync()
	for _, p := range m.proxies {
		p.forgetConnections()
	}
	for _, s := range statuses {
		for kind, resource := range s.Resources {
			if resource.LastError != "" {
				m.t.Fatalf("%s rejected %s: %s", s.ProxyID, kind, resource.LastError)
			}
		}
	}
}

// Sync only waits: proxies may reject, connections stay. It returns what istiod knows of each (istioctl
// proxy-status).
func (m *Mesh) Sync() []xds.SyncStatus {
	m.t.Helper()
	deadline := time.Now().Add(m.patience)
	for _, p := range m.proxies {
		m.must(p.awaitLive(deadline))
	}
	// An event reaches the push queue through informers and collections, after the call that caused it has
	// returned; then it is debounced. So: quiet for some time, not only once.
	const quiet = 300 * time.Millisecond
	since, last := time.Now(), ""
	for {
		m.Server.EnsureSynced(m.t)
		statuses, raw, pending := m.status()
		if raw != last || pending != "" {
			since, last = time.Now(), raw
		}
		if time.Since(since) > quiet {
			return statuses
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("istiod does not come to rest: %s", pending)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// status returns what istiod knows, the same as text, and the first thing that is sent and not yet answered.
func (m *Mesh) status() (statuses []xds.SyncStatus, raw, pending string) {
	recorder := httptest.NewRecorder()
	m.Server.Discovery.Syncz(recorder, httptest.NewRequest("GET", "/debug/syncz", nil))
	m.must(json.Unmarshal(recorder.Body.Bytes(), &statuses))
	var lines []string // istiod lists proxies in no fixed order
	for _, s := range statuses {
		for kind, r := range s.Resources {
			lines = append(lines, s.ProxyID+" "+kind+" "+r.Sent+" "+r.Acked)
		}
	}
	slices.Sort(lines)
	raw = strings.Join(lines, "\n")
	if len(statuses) < len(m.proxies) {
		return statuses, raw, fmt.Sprintf("%d of %d proxies are connected", len(statuses), len(m.proxies))
	}
	for _, s := range statuses {
		for kind, r := range s.Resources {
			if r.Sent != r.Acked && r.LastError == "" {
				return statuses, raw, fmt.Sprintf("%s has not answered %s", s.ProxyID, kind)
			}
		}
	}
	return statuses, raw, ""
}
