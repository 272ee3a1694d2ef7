package harness

import (
	"net"
	"strings"
	"sync"
	"testing"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	pilotagent "cluster-local/test/istio/agent"
)

// agent is what all proxies of a mesh talk to. It also measures what each of them is sent.
type agent struct {
	address string

	mu   sync.Mutex
	sent map[string]map[string]map[string]int // by node id, type URL and resource name: bytes
}

func startAgent(t testing.TB, istiod string) *agent {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &agent{address: listener.Addr().String(), sent: map[string]map[string]map[string]int{}}
	proxies, err := pilotagent.New(istiod, t.TempDir(), a.measure)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(server, proxies)
	secret.RegisterSecretDiscoveryServiceServer(server, newSecrets(t))
	go server.Serve(listener)
	t.Cleanup(func() {
		server.Stop()
		proxies.Close()
	})
	return a
}

func (a *agent) measure(node string, response *discovery.DeltaDiscoveryResponse) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sent[node] == nil {
		a.sent[node] = map[string]map[string]int{}
	}
	if a.sent[node][response.TypeUrl] == nil {
		a.sent[node][response.TypeUrl] = map[string]int{}
	}
	for _, r := range response.Resources {
		a.sent[node][response.TypeUrl][r.Name] = proto.Size(r)
	}
	for _, name := range response.RemovedResources {
		delete(a.sent[node][response.TypeUrl], name)
	}
	return nil
}

// Sizes is how many bytes of each type the proxy has got from istiod and still holds: "Cluster",
// "ClusterLoadAssignment", "Listener", "RouteConfiguration", "TypedExtensionConfig".
func (p *Proxy) Sizes() map[string]int {
	p.mesh.agent.mu.Lock()
	defer p.mesh.agent.mu.Unlock()
	sizes := map[string]int{}
	for url, resources := range p.mesh.agent.sent[p.id] {
		for _, bytes := range resources {
			sizes[url[strings.LastIndex(url, ".")+1:]] += bytes
		}
	}
	return sizes
}
