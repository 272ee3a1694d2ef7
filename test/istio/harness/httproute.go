package harness

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"
)

// HTTPRoute applies a route of the Gateway API, which istiod reads from the first cluster itself and not from its store, until
// the test ends.
func (m *Mesh) HTTPRoute(text string) {
	m.t.Helper()
	var route gateway.HTTPRoute
	m.must(yaml.UnmarshalStrict([]byte(text), &route))
	routes := m.kube[m.Clusters[0]].GatewayAPI().GatewayV1().HTTPRoutes(route.Namespace)
	_, err := routes.Create(context.Background(), &route, metav1.CreateOptions{})
	m.must(err)
}

// httpRoutes are those of a cluster, as kubectl prints them.
func (m *Mesh) httpRoutes(cluster string) ([]any, error) {
	routes, err := m.kube[cluster].GatewayAPI().GatewayV1().HTTPRoutes("").List(context.Background(), metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var items []any
	for _, route := range routes.Items {
		route.TypeMeta = metav1.TypeMeta{APIVersion: "gateway.networking.k8s.io/v1", Kind: "HTTPRoute"}
		items = append(items, route)
	}
	return items, nil
}
