package harness

import (
	"context"
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/gvk"
)

// EastWest starts the gateway through which the other networks reach a cluster's pods, as Istio's guide sets it up: a
// load balancer service labelled with the network, and a Gateway that passes mTLS through by its SNI. The mesh must
// have been made with Networks.
func (m *Mesh) EastWest(cluster string) *Proxy {
	m.t.Helper()
	const namespace, name = "istio-system", "istio-eastwestgateway"
	network := m.networks[cluster]
	labels := map[string]string{"app": name, "istio": "eastwest-" + cluster, networkLabel: network}
	port := freePort(m.t)
	ports := []Port{{Name: "tls", Number: int32(port)}}
	address := m.block.nextPod()
	pod := name + "-" + cluster

	kube, background := m.kube[cluster].Kube(), context.Background()
	service := serviceObject(namespace, name, "", map[string]string{"istio": "eastwest-" + cluster}, ports)
	service.Labels = map[string]string{networkLabel: network, "networking.istio.io/gatewayPort": strconv.Itoa(port)}
	service.Spec.Type = corev1.ServiceTypeLoadBalancer
	service.Spec.ClusterIP, _ = m.block.nextVIP()
	service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: address.pod}}
	_, err := kube.CoreV1().Services(namespace).Create(background, service, metav1.CreateOptions{})
	m.must(err)
	object := podObject(namespace, pod, address.pod, labels, true, proxyVersion)
	_, err = kube.CoreV1().Pods(namespace).Create(background, object, metav1.CreateOptions{})
	m.must(err)
	slice := endpointSliceObject(namespace, name, pod, address.pod, ports, true)
	_, err = kube.DiscoveryV1().EndpointSlices(namespace).Create(background, slice, metav1.CreateOptions{})
	m.must(err)
	_, err = m.Server.Store().Create(config.Config{
		Meta: config.Meta{GroupVersionKind: gvk.Gateway, Namespace: namespace, Name: "harness-eastwest-" + cluster},
		Spec: &networking.Gateway{
			Selector: map[string]string{"istio": "eastwest-" + cluster},
			Servers: []*networking.Server{{
				Port:  &networking.Port{Number: uint32(port), Name: "tls", Protocol: "TLS"},
				Tls:   &networking.ServerTLSSettings{Mode: networking.ServerTLSSettings_AUTO_PASSTHROUGH},
				Hosts: []string{"*.local"},
			}},
		},
	})
	m.must(err)
	return m.startEnvoy(node{
		role: "router", cluster: cluster, namespace: namespace, pod: pod, ip: address.pod, workload: name,
		labels: labels, network: network, version: proxyVersion, onlyOwnNetwork: true,
	}, net.JoinHostPort(address.admin, "15000"), func(string) string {
		return net.JoinHostPort(address.pod, strconv.Itoa(port))
	})
}
