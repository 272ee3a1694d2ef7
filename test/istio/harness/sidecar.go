package harness

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/gvk"
)

// podLabel lets a Sidecar resource select one pod. istiod prefers the labels that the pod has in its cluster
// to those in a proxy's metadata.
const podLabel = "harness/pod"

// startSidecar runs the pod's application on a loopback port of its own, and an Envoy in front of it in both
// directions.
func (m *Mesh) startSidecar(p *Pod) {
	m.t.Helper()
	if p.service != nil {
		p.application = serve(m.t, http.HandlerFunc(p.Backend.ServeHTTP), "127.0.0.1:0").String()
	}
	_, err := m.Server.Store().Create(p.sidecar())
	m.must(err)
	p.Proxy = m.startEnvoy(node{
		role: "sidecar", cluster: p.Workload.Cluster, namespace: p.Namespace, pod: p.Backend.Name, ip: p.address.pod,
		workload: p.App + "-" + p.Version, labels: p.Labels, network: m.networks[p.Workload.Cluster],
		version: p.ProxyVersion,
	}, net.JoinHostPort(p.address.admin, "15000"), func(port string) string {
		return net.JoinHostPort(p.address.outbound, port)
	})
}

// sidecar is the Sidecar resource that stands for iptables.
func (p *Pod) sidecar() config.Config {
	hosts := p.visible
	if len(hosts) == 0 {
		hosts = []string{"*/*"}
	}
	return config.Config{
		Meta: config.Meta{GroupVersionKind: gvk.Sidecar, Namespace: p.Namespace, Name: "harness-" + p.Backend.Name},
		Spec: &networking.Sidecar{
			WorkloadSelector: &networking.WorkloadSelector{Labels: map[string]string{podLabel: p.Backend.Name}},
			Egress:           p.mesh.egress(p.address.outbound, hosts),
			Ingress:          p.ingress(),
		},
	}
}

// See makes the pod's Sidecar import these hosts alone ("default/*"), as a user's own would; none: all.
func (p *Pod) See(hosts ...string) {
	p.mesh.now.Helper()
	p.visible = hosts
	_, err := p.mesh.Server.Store().Update(p.sidecar())
	p.mesh.must(err)
}

// egress has one listener for each port that some service has: without iptables an Envoy listens on the ports
// themselves.
func (m *Mesh) egress(bind string, hosts []string) []*networking.IstioEgressListener {
	ports := map[int32]string{}
	for _, s := range m.services {
		for _, port := range s.ports {
			ports[port.Number] = protocolOf(port)
		}
	}
	var out []*networking.IstioEgressListener
	for _, number := range slices.Sorted(maps.Keys(ports)) {
		out = append(out, &networking.IstioEgressListener{
			Bind: bind, CaptureMode: networking.CaptureMode_NONE, Hosts: hosts, Port: sidecarPort(number, ports[number]),
		})
	}
	return out
}

// ingress serves the application on every port of its service.
func (p *Pod) ingress() []*networking.IstioIngressListener {
	if p.service == nil {
		return nil
	}
	var out []*networking.IstioIngressListener
	for _, port := range p.service.ports {
		out = append(out, &networking.IstioIngressListener{
			Bind: p.address.pod, CaptureMode: networking.CaptureMode_NONE, DefaultEndpoint: p.application,
			Port: sidecarPort(port.target(), protocolOf(port)),
		})
	}
	return out
}

func sidecarPort(number int32, protocol string) *networking.SidecarPort {
	return &networking.SidecarPort{
		Number: uint32(number), Protocol: protocol, Name: fmt.Sprintf("%s-%d", strings.ToLower(protocol), number),
	}
}

// protocolOf is Istio's protocol selection by the name of the port, for the protocols that the harness
// serves.
func protocolOf(p Port) string {
	prefix, _, _ := strings.Cut(p.Name, "-")
	switch prefix {
	case "http", "http2", "grpc", "tls":
		return strings.ToUpper(prefix)
	default:
		return "TCP"
	}
}
