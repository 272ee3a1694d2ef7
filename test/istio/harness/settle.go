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

// Settle waits until every proxy is live and has acknowledged all that istiod has to send, and makes the clients of the proxies
// connect anew; the case fails when a proxy has refused something.
func (m *Mesh) Settle() {
	m.now.Helper()
	m.Sync()
	for _, p := range m.proxies {
		p.forgetConnections()
	}
	m.check(m.now)
}

// Sync only waits: connections stay. It returns for how long nothing has happened.
func (m *Mesh) Sync() time.Duration {
	m.now.Helper()
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
		raw, pending := m.status()
		if raw != last || pending != "" {
			since, last = time.Now(), raw
		}
		if time.Since(since) > quiet {
			return time.Since(since)
		}
		if time.Now().After(deadline) {
			m.now.Fatalf("istiod does not come to rest: %s", pending)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// status returns what istiod knows of each proxy (istioctl proxy-status), and the first thing that is sent and not yet answered.
func (m *Mesh) status() (raw, pending string) {
	var statuses []xds.SyncStatus
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
		return raw, fmt.Sprintf("%d of %d proxies are connected", len(statuses), len(m.proxies))
	}
	for _, s := range statuses {
		for kind, r := range s.Resources {
			if r.Sent != r.Acked && r.LastError == "" {
				return raw, fmt.Sprintf("%s has not answered %s", s.ProxyID, kind)
			}
		}
	}
	return raw, ""
}
