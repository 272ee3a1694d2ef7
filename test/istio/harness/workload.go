package harness

import (
	"context"
	"fmt"
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type service struct {
	namespace, name string
	ports           []Port
}

// Service creates a service in every cluster, or in those named: same name and namespace, a virtual IP of its
// own in each. It selects the pods whose label app is its name. Services come before the pods that they
// select and the sidecars that shall listen on their ports.
func (m *Mesh) Service(namespace, name string, ports []Port, clusters ...string) {
	m.t.Helper()
	if len(clusters) == 0 {
		clusters = m.Clusters
	}
	m.services[namespace+"/"+name] = &service{namespace, name, ports}
	first, second := m.block.nextVIP()
	for _, id := range clusters {
		vip := first
		if id != m.Clusters[0] {
			vip = second
		}
		object := serviceObject(namespace, name, vip, map[string]string{"app": name}, ports)
		_, err := m.kube[id].Kube().CoreV1().Services(namespace).Create(context.Background(), object, metav1.CreateOptions{})
		m.must(err)
	}
}

// AddPort gives a service one more port, live: its pods listen there, and so do the callers' sidecars.
func (m *Mesh) AddPort(namespace, name string, port Port) {
	m.now.Helper()
	background, s := context.Background(), m.services[namespace+"/"+name]
	s.ports = append(s.ports, port)
	for _, id := range m.Clusters {
		services := m.kube[id].Kube().CoreV1().Services(namespace)
		object, err := services.Get(background, name, metav1.GetOptions{})
		m.must(err)
		object.Spec.Ports = serviceObject(namespace, name, "", nil, s.ports).Spec.Ports
		_, err = services.Update(background, object, metav1.UpdateOptions{})
		m.must(err)
	}
	for _, p := range m.pods {
		if p.service == s {
			if p.Proxy == nil {
				p.serve(port)
			}
			m.must(p.putSlice(true, false))
		}
		if p.Proxy != nil {
			p.See(p.visible...)
		}
	}
}

// VIP is the virtual IP that a service has in a cluster.
func (m *Mesh) VIP(cluster, namespace, name string) string {
	m.t.Helper()
	object, err := m.kube[cluster].Kube().CoreV1().Services(namespace).Get(context.Background(), name, metav1.GetOptions{})
	m.must(err)
	return object.Spec.ClusterIP
}

// Workload is what Deploy needs to know of a pod.
type Workload struct {
	Cluster   string
	Namespace string // default "default"
	App       string // the service it belongs to, if there is one of that name
	Version   string // default "v1"
	Labels    map[string]string
	Sidecar   bool // with an Envoy of its own, for requests out of the pod and into it
	NotReady  bool
	// ProxyVersion is the version of istio-proxy that the sidecar says it is. Default proxyVersion.
	ProxyVersion string
}

// proxyVersion is what proxies say they are: what stands for it, stock Envoy, is of that age.
const proxyVersion = "1.31.0"

// sidecarVersion is empty without a sidecar.
func (w Workload) sidecarVersion() string {
	if !w.Sidecar {
		return ""
	}
	return w.ProxyVersion
}

// Pod is a running pod: a backend that counts, and a sidecar if it was asked for.
type Pod struct {
	*Backend
	Workload
	Proxy *Proxy // nil without a sidecar

	mesh        *Mesh
	address     podAddresses
	service     *service
	application string   // where it listens, with a sidecar
	visible     []string // hosts that its Sidecar imports; none: all
}

// Deploy starts a pod. Its application listens on every port of its service.
func (m *Mesh) Deploy(w Workload) *Pod {
	m.t.Helper()
	if w.Namespace == "" {
		w.Namespace = "default"
	}
	if w.Version == "" {
		w.Version = "v1"
	}
	if w.ProxyVersion == "" {
		w.ProxyVersion = proxyVersion
	}
	labels := map[string]string{"app": w.App, "version": w.Version}
	maps.Copy(labels, w.Labels)
	w.Labels = labels
	p := &Pod{Workload: w, mesh: m, address: m.block.nextPod(), service: m.services[w.Namespace+"/"+w.App]}
	name := fmt.Sprintf("%s-%s-%s-%d", w.App, w.Version, w.Cluster, len(m.pods))
	p.Backend = &Backend{Name: name, Cluster: w.Cluster}
	labels[podLabel] = name
	if m.networks != nil {
		labels[networkLabel] = m.networks[w.Cluster]
		if w.Sidecar {
			labels["security.istio.io/tlsMode"] = "istio" // as the injector does: istiod offers mTLS to it
		}
	}
	m.pods = append(m.pods, p)

	pod := podObject(w.Namespace, name, p.address.pod, labels, !w.NotReady, w.sidecarVersion())
	_, err := m.kube[w.Cluster].Kube().CoreV1().Pods(w.Namespace).Create(context.Background(), pod, metav1.CreateOptions{})
	m.must(err)
	if w.Sidecar {
		m.startSidecar(p)
	} else if p.service != nil {
		for _, port := range p.service.ports {
			p.serve(port)
		}
	}
	if p.service != nil {
		m.must(p.putSlice(!w.NotReady, true))
	}
	return p
}

// serve listens on a port of the pod's service; with TLS where the port says so.
func (p *Pod) serve(port Port) {
	address := fmt.Sprintf("%s:%d", p.address.pod, port.target())
	if protocolOf(port) == "TLS" {
		serveTLS(p.mesh.t, p.Backend, address)
	} else {
		serve(p.mesh.t, p.Backend, address)
	}
}

// SetReady changes the pod's readiness as a readiness probe would: the endpoint leaves the service or comes
// back.
func (p *Pod) SetReady(ready bool) {
	p.mesh.t.Helper()
	pod := podObject(p.Namespace, p.Backend.Name, p.address.pod, p.Labels, ready, p.sidecarVersion())
	pods := p.mesh.kube[p.Workload.Cluster].Kube().CoreV1().Pods(p.Namespace)
	_, err := pods.Update(context.Background(), pod, metav1.UpdateOptions{})
	p.mesh.must(err)
	p.mesh.must(p.putSlice(ready, false))
}

func (p *Pod) putSlice(ready, create bool) error {
	slices := p.mesh.kube[p.Workload.Cluster].Kube().DiscoveryV1().EndpointSlices(p.Namespace)
	object := endpointSliceObject(p.Namespace, p.service.name, p.Backend.Name, p.address.pod, p.service.ports, ready)
	var err error
	if create {
		_, err = slices.Create(context.Background(), object, metav1.CreateOptions{})
	} else {
		_, err = slices.Update(context.Background(), object, metav1.UpdateOptions{})
	}
	return err
}

func (m *Mesh) must(err error) {
	m.now.Helper()
	if err != nil {
		m.now.Fatal(err)
	}
}
