// Package agent is the part of pilot-agent that matters to the tests: it stands between Envoy and istiod.
package agent

import (
	"context"
	"io"
	"time"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/anypb"

	"istio.io/istio/pkg/model"
	"istio.io/istio/pkg/util/sets"
	"istio.io/istio/pkg/wasm"
)

// Agent hands the streams of proxies through, and replaces a Wasm module at a URL by a file that it has fetched, or by a
// filter that lets everything or nothing pass when it cannot (both with pilot-agent's own code, pkg/wasm).
type Agent struct {
	discovery.UnimplementedAggregatedDiscoveryServiceServer
	istiod  *grpc.ClientConn
	modules wasm.Cache
	see     func(node string, response *discovery.DeltaDiscoveryResponse) error
}

// New makes an agent of the istiod at a plain-text address that keeps modules in a folder. It calls `see` for each response,
// which that may change.
func New(
	istiod, folder string, see func(node string, response *discovery.DeltaDiscoveryResponse) error,
) (*Agent, error) {
	connection, err := grpc.NewClient(istiod, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(512<<20)))
	if err != nil {
		return nil, err
	}
	return &Agent{istiod: connection, see: see, modules: wasm.NewLocalFileCache(folder, wasm.Options{
		InsecureRegistries: sets.New("*"), HTTPRequestTimeout: time.Second, HTTPRequestMaxRetries: 1,
	})}, nil
}

// Close ends the connection to istiod.
func (a *Agent) Close() {
	a.istiod.Close()
	a.modules.Cleanup()
}

// DeltaAggregatedResources hands one proxy's stream through. When one side ends it, the other's ends, too.
func (a *Agent) DeltaAggregatedResources(
	envoy discovery.AggregatedDiscoveryService_DeltaAggregatedResourcesServer,
) error {
	ctx, end := context.WithCancel(envoy.Context())
	defer end()
	istiod, err := discovery.NewAggregatedDiscoveryServiceClient(a.istiod).DeltaAggregatedResources(ctx)
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
		if err := a.see(first.Node.Id, response); err != nil {
			return err
		}
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

func (a *Agent) fetchModules(response *discovery.DeltaDiscoveryResponse) error {
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
