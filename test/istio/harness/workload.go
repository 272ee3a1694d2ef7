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
}

// Pod is a running pod: a backend that counts, and a sidecar if it was asked for.
type Pod struct {
	*Backend
	Workload
	Proxy *Proxy // nil without a sidecar

	mesh    *Mesh
	address podAddresses
	service *service
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

	pod := podObject(w.Namespace, name, p.address.pod, labels, !w.NotReady)
	_, err := m.kube[w.Cluster].Kube().CoreV1().Pods(w.Namespace).Create(context.Background(), pod, metav1.CreateOptions{})
	m.must(err)
	if w.Sidecar {
		m.startSidecar(p)
	} else if p.service != nil {
		for _, port := range p.service.ports {
			serve(m.t, p.Backend, fmt.Sprintf("%s:%d", p.address.pod, port.target()))
		}
	}
	if p.service != nil {
		m.must(p.putSlice(!w.NotReady, true))
	}
	return p
}

// SetReady changes the pod's readiness as a readiness probe would: the endpoint leaves the service or comes
// back.
func (p *Pod) SetReady(ready bool) {
	p.mesh.t.Helper()
	pod := podObject(p.Namespace, p.Backend.Name, p.address.pod, p.Labels, ready)
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
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}
