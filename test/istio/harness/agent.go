package harness

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"istio.io/istio/pkg/model"
	"istio.io/istio/pkg/util/sets"
	"istio.io/istio/pkg/wasm"
)

// agent is the part of pilot-agent that matters here: it stands between Envoy and istiod, hands the streams
// through, and replaces a Wasm module at a URL by a file that it has fetched, or by a filter that lets
// everything or nothing pass when it cannot (both with the agent's own code, pkg/wasm). It also measures what
// each proxy is sent.
type agent struct {
	discovery.UnimplementedAggregatedDiscoveryServiceServer
	address string
	istiod  *grpc.ClientConn
	modules wasm.Cache

	mu   sync.Mutex
	sent map[string]map[string]map[string]int // by node id, type URL and resource name: bytes
}

func startAgent(t testing.TB, istiod string) *agent {
	t.Helper()
	connection, err := grpc.NewClient(istiod, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(512<<20)))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &agent{
		address: listener.Addr().String(), istiod: connection, sent: map[string]map[string]map[string]int{},
		modules: wasm.NewLocalFileCache(t.TempDir(), wasm.Options{
			InsecureRegistries: sets.New("*"), HTTPRequestTimeout: time.Second, HTTPRequestMaxRetries: 1,
		}),
	}
	server := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(server, a)
	secret.RegisterSecretDiscoveryServiceServer(server, newSecrets(t))
	go server.Serve(listener)
	t.Cleanup(func() {
		server.Stop()
		connection.Close()
		a.modules.Cleanup()
	})
	return a
}

// DeltaAggregatedResources hands one proxy's stream through.
func (a *agent) DeltaAggregatedResources(
	envoy discovery.AggregatedDiscoveryService_DeltaAggregatedResourcesServer,
) error {
	istiod, err := discovery.NewAggregatedDiscoveryServiceClient(a.istiod).DeltaAggregatedResources(envoy.Context())
	if err != nil {
		return err
	}
	first, err := envoy.Recv()
	if err != nil {
		return err
	}
	go func() {
		for request := first; ; {
			if istiod.Send(request) != nil {
				return
			}
			if request, err = envoy.Recv(); err != nil {
				istiod.CloseSend()
				return
			}
		}
	}()
	for {
		response, err := istiod.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		a.measure(first.Node.Id, response)
		if response.TypeUrl == model.ExtensionConfigurationType {
			if err := a.fetchModules(response); err != nil {
				return err
			}
		}
		if err := envoy.Send(response); err != nil {
			return err
		}
	}
}

func (a *agent) fetchModules(response *discovery.DeltaDiscoveryResponse) error {
	resources := make([]*anypb.Any, 0, len(response.Resources))
	for _, r := range response.Resources {
		resources = append(resources, r.Resource)
	}
	if err := wasm.MaybeConvertWasmExtensionConfig(resources, a.modules); err != nil {
		return err
	}
	for i, r := range response.Resources {
		r.Resource = resources[i]
	}
	return nil
}

func (a *agent) measure(node string, response *discovery.DeltaDiscoveryResponse) {
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
