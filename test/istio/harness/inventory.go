package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// WriteInventory takes stock of the mesh as a user does: a folder for each cluster with what `kubectl get
// services,endpointslices,deployments,pods -A -o yaml` prints there (the pods in a file of their own, pods.yaml), and in that
// of the first cluster, which holds the Istio resources, the objects of all sets as the API server would return them.
func (m *Mesh) WriteInventory(dir string) error {
	for _, id := range m.Clusters {
		items, err := m.kubeObjects(id)
		if err != nil {
			return err
		}
		if err := writeList(filepath.Join(dir, id, "kubernetes.yaml"), items); err != nil {
			return err
		}
		pods, err := m.kube[id].Kube().CoreV1().Pods("").List(context.Background(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		items = nil
		for _, p := range pods.Items {
			p.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
			items = append(items, p)
		}
		if err := writeList(filepath.Join(dir, id, "pods.yaml"), items); err != nil {
			return err
		}
	}
	var items []any
	for _, s := range m.sets {
		for _, key := range slices.Sorted(maps.Keys(s.current)) {
			one := s.current[key].config
			held := m.Server.Store().Get(one.GroupVersionKind, one.Name, one.Namespace)
			item, err := stored(s.current[key].document, held.CreationTimestamp)
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			items = append(items, item)
		}
	}
	return writeList(filepath.Join(dir, m.Clusters[0], "istio.yaml"), items)
}

func (m *Mesh) kubeObjects(cluster string) ([]any, error) {
	kube, background := m.kube[cluster].Kube(), context.Background()
	services, err := kube.CoreV1().Services("").List(background, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	endpoints, err := kube.DiscoveryV1().EndpointSlices("").List(background, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var items []any
	for _, s := range services.Items {
		s.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}
		items = append(items, s)
	}
	for _, e := range endpoints.Items {
		e.TypeMeta = metav1.TypeMeta{APIVersion: "discovery.k8s.io/v1", Kind: "EndpointSlice"}
		items = append(items, e)
	}
	pods, err := kube.CoreV1().Pods("").List(background, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	items = append(items, deployments(pods.Items)...)
	routes, err := m.gatewayRoutes(cluster)
	return append(items, routes...), err
}

// deployments are what would have made the pods: of the name that their proxies have as WORKLOAD_NAME.
func deployments(pods []corev1.Pod) []any {
	made := map[string]any{}
	for _, pod := range pods {
		name, labels := pod.Labels["app"], map[string]string{"app": pod.Labels["app"]}
		if version, there := pod.Labels["version"]; there {
			name, labels["version"] = name+"-"+version, version
		}
		made[pod.Namespace+"/"+name] = object{
			"apiVersion": "apps/v1", "kind": "Deployment",
			"metadata": object{"name": name, "namespace": pod.Namespace},
			"spec":     object{"selector": object{"matchLabels": labels}},
		}
	}
	var items []any
	for _, key := range slices.Sorted(maps.Keys(made)) {
		items = append(items, made[key])
	}
	return items
}

// stored is a document as it comes back from an API server to which kubectl has applied it: the spec as it was sent,
// with metadata that users do not write.
func stored(document string, created time.Time) (object, error) {
	var o object
	if err := yaml.Unmarshal([]byte(document), &o); err != nil {
		return nil, err
	}
	sent, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	metadata := o["metadata"].(object)
	annotations, _ := metadata["annotations"].(object)
	annotations = maps.Clone(annotations)
	if annotations == nil {
		annotations = object{}
	}
	annotations["kubectl.kubernetes.io/last-applied-configuration"] = string(sent)
	metadata["annotations"] = annotations
	if metadata["namespace"] == nil {
		metadata["namespace"] = "default"
	}
	metadata["creationTimestamp"], metadata["generation"] = created.UTC().Format(time.RFC3339), 1
	metadata["resourceVersion"], metadata["uid"] = "1", "00000000-0000-0000-0000-000000000001"
	return o, nil
}

func writeList(file string, items []any) error {
	if items == nil {
		items = []any{}
	}
	text, err := yaml.Marshal(object{"apiVersion": "v1", "kind": "List", "metadata": object{"resourceVersion": ""}, "items": items})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
