package harness

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"
)

// HTTPRoute applies a route of the Gateway API, which istiod reads from the first cluster itself and not from its store, until
// the test ends.
func (m *Mesh) HTTPRoute(text string) { m.TemporaryHTTPRoute(text) }

// TemporaryHTTPRoute is the same until the function is called that it returns.
func (m *Mesh) TemporaryHTTPRoute(text string) (end func()) {
	m.now.Helper()
	var route gateway.HTTPRoute
	m.must(yaml.UnmarshalStrict([]byte(text), &route))
	routes := m.kube[m.Clusters[0]].GatewayAPI().GatewayV1().HTTPRoutes(route.Namespace)
	_, err := routes.Create(context.Background(), &route, metav1.CreateOptions{})
	m.must(err)
	return func() { m.must(routes.Delete(context.Background(), route.Name, metav1.DeleteOptions{})) }
}

// GRPCRoute is the same for the other kind.
func (m *Mesh) GRPCRoute(text string) {
	m.now.Helper()
	var route gateway.GRPCRoute
	m.must(yaml.UnmarshalStrict([]byte(text), &route))
	routes := m.kube[m.Clusters[0]].GatewayAPI().GatewayV1().GRPCRoutes(route.Namespace)
	_, err := routes.Create(context.Background(), &route, metav1.CreateOptions{})
	m.must(err)
}

// gatewayRoutes are the routes of the Gateway API in a cluster, as kubectl prints them.
func (m *Mesh) gatewayRoutes(cluster string) ([]any, error) {
	var items []any
	api, background := m.kube[cluster].GatewayAPI().GatewayV1(), context.Background()
	http, err := api.HTTPRoutes("").List(background, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, route := range http.Items {
		route.TypeMeta = metav1.TypeMeta{APIVersion: "gateway.networking.k8s.io/v1", Kind: "HTTPRoute"}
		items = append(items, route)
	}
	grpc, err := api.GRPCRoutes("").List(background, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for _, route := range grpc.Items {
		route.TypeMeta = metav1.TypeMeta{APIVersion: "gateway.networking.k8s.io/v1", Kind: "GRPCRoute"}
		items = append(items, route)
	}
	return items, nil
}
