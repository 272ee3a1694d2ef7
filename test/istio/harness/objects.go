package harness

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Port is one port of a service. The name's prefix decides Istio's protocol selection ("http", "grpc",
// "tcp").
type Port struct {
	Name   string
	Number int32
	Target int32 // 0: the same as Number
}

// HTTP is the usual single HTTP port.
func HTTP(number int32) []Port { return []Port{{Name: "http", Number: number}} }

func (p Port) target() int32 {
	if p.Target == 0 {
		return p.Number
	}
	return p.Target
}

func serviceObject(namespace, name, vip string, selector map[string]string, ports []Port) *corev1.Service {
	s := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       corev1.ServiceSpec{ClusterIP: vip, ClusterIPs: []string{vip}, Selector: selector},
	}
	for _, p := range ports {
		s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{
			Name: p.Name, Port: p.Number, TargetPort: intstr.FromInt32(p.target()), Protocol: corev1.ProtocolTCP,
		})
	}
	return s
}

// podObject is a pod; with the version of istio-proxy that runs in it, if one does.
func podObject(namespace, name, ip string, labels map[string]string, ready bool, proxy string) *corev1.Pod {
	status := corev1.ConditionFalse
	if ready {
		status = corev1.ConditionTrue
	}
	containers := []corev1.Container{{Name: "application", Image: "application"}}
	if proxy != "" {
		containers = append(containers, corev1.Container{Name: "istio-proxy", Image: "docker.io/istio/proxyv2:" + proxy})
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
		Spec:       corev1.PodSpec{ServiceAccountName: "default", Containers: containers},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: ip, PodIPs: []corev1.PodIP{{IP: ip}},
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: status}},
		},
	}
}

// endpointSliceObject is a slice with one pod, which Kubernetes allows and which keeps readiness a matter of
// one object.
func endpointSliceObject(namespace, service, pod, ip string, ports []Port, ready bool) *discoveryv1.EndpointSlice {
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: fmt.Sprintf("%s-%s", service, pod),
			Labels: map[string]string{discoveryv1.LabelServiceName: service},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints: []discoveryv1.Endpoint{{
			Addresses:  []string{ip},
			Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &ready},
			TargetRef:  &corev1.ObjectReference{Kind: "Pod", Namespace: namespace, Name: pod, UID: types.UID(pod)},
		}},
	}
	for _, p := range ports {
		name, number, protocol := p.Name, p.target(), corev1.ProtocolTCP
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &name, Port: &number, Protocol: &protocol})
	}
	return slice
}
