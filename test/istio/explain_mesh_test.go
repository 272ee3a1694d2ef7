package istio

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"cluster-local/test/istio/harness"
)

// explained is a mesh of which `explain` is asked: services with versions, ports, and endpoints in one cluster or both;
// callers in two namespaces of both clusters, and a gateway.
type explained struct {
	*harness.Mesh
	callers map[string]*harness.Proxy // by cluster and workload, "m1c1 shop/sleep-v1"
}

func newExplained(t *testing.T) *explained {
	t.Helper()
	m := &explained{harness.New(t, harness.Options{Namespaces: []string{"shop", "kube-system"}}), map[string]*harness.Proxy{}}
	m.Service("default", "reviews", []harness.Port{{Name: "http", Number: 9080}, {Name: "http-admin", Number: 9090}})
	m.Service("default", "ratings", harness.HTTP(9080))
	m.Service("default", "lonely", []harness.Port{{Name: "http", Number: 9080, Target: 9180}})
	m.Service("shop", "cart", harness.HTTP(8080))
	m.Service("kube-system", "registry", harness.HTTP(9080))
	for _, cluster := range clusters {
		for _, w := range []harness.Workload{
			{App: "reviews", Version: "v1"}, {App: "reviews", Version: "v2"}, {App: "reviews", Version: "v2", NotReady: true},
			{App: "ratings"}, {App: "cart", Namespace: "shop"}, {App: "registry", Namespace: "kube-system"},
		} {
			w.Cluster = cluster
			m.Deploy(w)
		}
		for _, caller := range []harness.Workload{{App: "sleep"}, {App: "client"}, {App: "sleep", Namespace: "shop"}} {
			caller.Cluster, caller.Sidecar = cluster, true
			pod := m.Deploy(caller)
			m.callers[cluster+" "+pod.Namespace+"/"+caller.App+"-v1"] = pod.Proxy
		}
	}
	m.Deploy(harness.Workload{Cluster: m1c2, App: "lonely"})
	m.callers[m1c1+" istio-system/istio-ingressgateway"] = m.Gateway(m1c1)
	m.NewSet().Apply(gatewayForAllHosts)
	m.Settle()
	return m
}

// question is what explain is asked (src/explain/question.ts).
type question struct {
	Cluster string            `json:"cluster"`
	Caller  map[string]string `json:"caller"`
	Host    string            `json:"host"`
	Path    string            `json:"path"`
	Method  string            `json:"method"`
	Headers [][2]string       `json:"headers"`
	port    string            // where it is sent
}

// explanation is what it says, as far as requests show it (src/explain/index.ts).
type explanation struct {
	Decision string
	Summary  string
	Status   int
	Parts    []struct {
		Decision string
		Status   int
	}
	Share     *struct{ Known bool }
	Route     *struct{ EnvoyClusters []string }
	Endpoints struct {
		Allowed []struct {
			Address string
			Turn    int
		}
		Excluded []struct{ Address string }
	}
	Notes []string
}

// explainer is a process that generates, and explains for one policy and the mesh as it was when it last looked.
type explainer struct {
	dir   string
	ask   *json.Encoder
	lines *bufio.Reader
}

func startExplainer(t *testing.T) *explainer {
	t.Helper()
	process := exec.Command("node", "--import", "tsx", "explain.ts")
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		process.Wait()
	})
	return &explainer{ask: json.NewEncoder(in), lines: bufio.NewReaderSize(out, 1<<20)}
}

// lookAt takes stock of the mesh in a folder, with or without its pods; questions are about it from now on.
func (e *explainer) lookAt(t *testing.T, m *harness.Mesh, dir, policy string, pods bool) {
	t.Helper()
	e.dir = dir
	file, inventory := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "inventory")
	err := errors.Join(os.WriteFile(file, []byte(policy), 0o644), m.WriteInventory(inventory))
	for _, cluster := range clusters {
		if !pods {
			err = errors.Join(err, os.Remove(filepath.Join(inventory, cluster, "pods.yaml")))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	e.answer(t, object{"policy": file, "inventory": inventory}, &object{})
}

// generate is generateSome, in the process that explains.
func (e *explainer) generate(t *testing.T, m *harness.Mesh, dir, policy string, args ...string) harness.Source {
	t.Helper()
	e.lookAt(t, m, dir, policy, true)
	out := filepath.Join(dir, "out")
	var made struct {
		Code   int
		Report string
	}
	args = append(args, "--policy", filepath.Join(dir, "policy.yaml"), "--inventory", filepath.Join(dir, "inventory"), "--out", out)
	e.answer(t, object{"generate": args}, &made)
	if made.Code != 0 && made.Code != leftOut {
		t.Fatalf("exit code %d\n%s", made.Code, made.Report)
	}
	return madeIn(out, made.Report, 0).Source
}

// explain asks, and returns the answer also as it was written.
func (e *explainer) explain(t *testing.T, q question) (x explanation, line []byte) {
	t.Helper()
	return x, e.answer(t, q, &x)
}

// answer sends a line, and reads the one that comes back.
func (e *explainer) answer(t *testing.T, asked, answer any) []byte {
	t.Helper()
	if err := e.ask.Encode(asked); err != nil {
		t.Fatal(err)
	}
	line, err := e.lines.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the process that explains: %v", err)
	}
	if err := json.Unmarshal(line, answer); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return line
}

// sameOnCommandLine fails unless the command that users run says the same.
func (e *explainer) sameOnCommandLine(t *testing.T, q question, line []byte) {
	t.Helper()
	args := []string{
		"../../build/js/cli/main.js", "explain", "--json", "--policy", filepath.Join(e.dir, "policy.yaml"),
		"--inventory", filepath.Join(e.dir, "inventory"), "--cluster", q.Cluster, "--host", q.Host, "--path", q.Path,
		"--method", q.Method, "--caller", q.Caller["namespace"] + "/" + q.Caller["workload"],
	}
	for _, h := range q.Headers {
		args = append(args, "--header", h[0]+": "+h[1])
	}
	printed, err := exec.Command("node", args...).Output()
	if err != nil {
		t.Fatalf("node %v (npm run build makes it): %v\n%s", args, err, printed)
	}
	var one, other any
	if json.Unmarshal(printed, &one) != nil || json.Unmarshal(line, &other) != nil || !reflect.DeepEqual(one, other) {
		t.Errorf("the command line says\n%s\nand the library\n%s", printed, line)
	}
}
