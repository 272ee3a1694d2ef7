package harness

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Proxy is a running Envoy.
type Proxy struct {
	Name    string
	Cluster string

	mesh    *Mesh
	id      string // the node id
	admin   string
	log     string
	dial    func(port string) string // where a request for a port is sent
	clients sync.Map
	refused map[string]int // how many updates, by Envoy's counter
	live    bool           // it has been ready
	stop    func()
}

// Stop ends the process before the test does.
func (p *Proxy) Stop() {
	p.stop()
	p.mesh.proxies = slices.DeleteFunc(p.mesh.proxies, func(other *Proxy) bool { return other == p })
}

// startEnvoy runs the binary that ENVOY_BIN names until the test ends.
func (m *Mesh) startEnvoy(n node, admin string, dial func(port string) string) *Proxy {
	m.t.Helper()
	binary := os.Getenv("ENVOY_BIN")
	if binary == "" {
		var err error
		if binary, err = exec.LookPath("envoy"); err != nil {
			m.t.Fatal("no Envoy: set ENVOY_BIN to the binary, or have envoy on PATH")
		}
	}
	dir := m.t.TempDir()
	p := &Proxy{
		Name: n.pod, Cluster: n.cluster, mesh: m, id: n.id(), admin: admin, log: filepath.Join(dir, "envoy.log"),
		dial: dial, refused: map[string]int{},
	}
	config := filepath.Join(dir, "bootstrap.json")
	var stats object
	if m.istioStats {
		var err error
		stats, err = istioStats(n)
		m.must(err)
	}
	m.must(os.WriteFile(config, bootstrapConfig(n, m.agent.address, admin, stats), 0o644))
	command := exec.Command(binary, "-c", config, "--disable-hot-restart", "--concurrency", "1",
		"--drain-time-s", "45", "--drain-strategy", "immediate", // as pilot-agent does
		"--log-path", p.log, "--log-level", "warning", "--component-log-level", "wasm:info,misc:error")
	// A test binary that is killed takes its proxies with it.
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	access, err := os.Create(filepath.Join(dir, "access.log"))
	m.must(err)
	defer access.Close()
	command.Stdout = access
	m.must(command.Start())
	p.stop = sync.OnceFunc(func() {
		p.check(m.now)
		command.Process.Kill()
		command.Wait()
	})
	m.t.Cleanup(func() {
		p.stop()
		if m.t.Failed() {
			m.t.Logf("Envoy %s said:\n%s\n%s", p.Name, tail(p.log, 10), tail(access.Name(), 3))
		}
	})
	m.proxies = append(m.proxies, p)
	return p
}

// AdminAddress is where Envoy's admin interface listens, as in "127.0.0.1:15000".
func (p *Proxy) AdminAddress() string { return p.admin }

// Admin asks Envoy's admin interface, for example "/stats?filter=wasm".
func (p *Proxy) Admin(path string) (string, error) {
	response, err := http.Get("http://" + p.admin + path)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, response.Status, body)
	}
	return string(body), err
}

// Log is everything that Envoy has logged so far, at level warning and above (info for Wasm).
func (p *Proxy) Log() string {
	text, _ := os.ReadFile(p.log)
	return string(text)
}

func tail(file string, lines int) string {
	text, _ := os.ReadFile(file)
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// awaitLive waits until Envoy has its first clusters and listeners.
func (p *Proxy) awaitLive(deadline time.Time) error {
	for {
		body, err := p.Admin("/ready")
		if err == nil {
			p.live = true
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready: %v %s\n%s", p.Name, err, body, tail(p.log, 10))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Counters are the stats whose name begins so.
func (p *Proxy) Counters(prefix string) map[string]int {
	p.mesh.now.Helper()
	text, err := p.Admin("/stats?filter=^" + regexp.QuoteMeta(prefix))
	p.mesh.must(err)
	counters := map[string]int{}
	for line := range strings.Lines(text) {
		at := strings.LastIndex(line, ":") // a name may hold colons
		if value, err := strconv.Atoi(strings.TrimSpace(line[at+1:])); err == nil {
			counters[line[:at]] = value
		}
	}
	return counters
}
