package harness

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Call makes one unary gRPC call with an empty message through the proxy, on a connection of its own, with grpc-go's
// client. target is the mesh's name with a port, method the whole name: /package.Service/Method. The error is the call's
// status.
func (p *Proxy) Call(target, method string) error {
	_, port, err := net.SplitHostPort(target)
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient("passthrough:///"+target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", p.dial(port))
		}))
	if err != nil {
		return err
	}
	defer connection.Close()
	return connection.Invoke(context.Background(), method, &emptypb.Empty{}, &emptypb.Empty{})
}
