// The control plane of test/kube as a program: `control discovery ...` is istiod itself, `control agent ...` what stands between
// it and the Envoys.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/anypb"

	"istio.io/istio/pilot/cmd/pilot-discovery/app"
	"istio.io/istio/pkg/model"

	"cluster-local/test/istio/agent"
)

func main() {
	var err error
	if len(os.Args) > 1 && os.Args[1] == "agent" {
		err = serve(os.Args[2:])
	} else {
		err = app.NewRootCommand().Execute()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve is the agent of all proxies.
func serve(args []string) error {
	flags := flag.NewFlagSet("agent", flag.ContinueOnError)
	istiod := flags.String("istiod", "", "HOST:PORT of its plain-text discovery")
	address := flags.String("listen", "", "HOST:PORT for Envoys")
	folder := flags.String("modules", "", "where Wasm modules are kept")
	if err := flags.Parse(args); err != nil {
		return err
	}
	proxies, err := agent.New(*istiod, *folder, func(_ string, response *discovery.DeltaDiscoveryResponse) error {
		return toLoopback(response)
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(server, proxies)
	return server.Serve(listener)
}

// toLoopback turns endpoints 10.a.b.c into 127.a.b.c. An API server refuses EndpointSlices with loopback addresses, and others
// cannot be listened on without rights of an administrator.
func toLoopback(response *discovery.DeltaDiscoveryResponse) error {
	if response.TypeUrl != model.EndpointType {
		return nil
	}
	for _, resource := range response.Resources {
		assignment := &endpoint.ClusterLoadAssignment{}
		if err := resource.Resource.UnmarshalTo(assignment); err != nil {
			return err
		}
		for _, locality := range assignment.Endpoints {
			for _, one := range locality.LbEndpoints {
				move(one.GetEndpoint().GetAddress().GetSocketAddress())
			}
		}
		moved, err := anypb.New(assignment)
		if err != nil {
			return err
		}
		resource.Resource = moved
	}
	return nil
}

func move(address *core.SocketAddress) {
	if rest, is := strings.CutPrefix(address.GetAddress(), "10."); is {
		address.Address = "127." + rest
	}
}
