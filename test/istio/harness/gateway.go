package harness

import (
	"context"
	"fmt"
	"maps"
	"net"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Gateway starts an ingress gateway in a cluster, as Istio installs it: in istio-system, labelled istio:
// ingressgateway, with a service whose port 80 has another target port (here a free one). Its clients reach
// it whatever the URL's host and port.
func (m *Mesh) Gateway(cluster string) *Proxy {
	m.t.Helper()
	const namespace, name = "istio-system", "istio-ingressgateway"
	labels := map[string]string{"app": name, "istio": "ingressgateway"}
	target := freePort(m.t)
	ports := []Port{{Name: "http2", Number: 80, Target: int32(target)}}
	address := m.block.nextPod()
	pod := fmt.Sprintf("%s-%s", name, cluster)
	vip, _ := m.block.nextVIP()

	kube, background := m.kube[cluster].Kube(), context.Background()
	service := serviceObject(namespace, name, vip, map[string]string{"istio": "ingressgateway"}, ports)
	_, err := kube.CoreV1().Services(namespace).Create(background, service, metav1.CreateOptions{})
	m.must(err)
	object := podObject(namespace, pod, address.pod, maps.Clone(labels), true, proxyVersion)
	_, err = kube.CoreV1().Pods(namespace).Create(background, object, metav1.CreateOptions{})
	m.must(err)
	slice := endpointSliceObject(namespace, name, pod, address.pod, ports, true)
	_, err = kube.DiscoveryV1().EndpointSlices(namespace).Create(background, slice, metav1.CreateOptions{})
	m.must(err)

	return m.startEnvoy(node{
		role: "router", cluster: cluster, namespace: namespace, pod: pod, ip: address.pod, workload: name, labels: labels,
		network: m.networks[cluster], version: proxyVersion,
	}, net.JoinHostPort(address.admin, "15000"), func(string) string {
		return fmt.Sprintf("%s:%d", address.pod, target)
	})
}
