package harness

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"

	"istio.io/istio/pkg/config"
)

// Set is a group of Istio resources that belong together, such as what the user has and what was generated.
// Applying a set makes the cluster hold exactly its new content: what is new is created, what differs
// updated, what is gone deleted, live: in the order of the sources, and what is gone in the reverse of it.
type Set struct {
	mesh     *Mesh
	current  map[string]applicable
	Warnings []string // of Istio's validation, for the last Apply
}

// applicable is an object as it was written, and as istiod reads it.
type applicable struct {
	config   config.Config
	document string
	order    int // its place among the sources
}

// NewSet returns an empty set.
func (m *Mesh) NewSet() *Set {
	s := &Set{mesh: m, current: map[string]applicable{}}
	m.sets = append(m.sets, s)
	return s
}

// Apply validates everything and then applies it; the test fails when something is invalid. An object
// replaces one of the same name in an earlier source. A document without a kind is a fragment of MeshConfig,
// laid over the mesh's own.
func (s *Set) Apply(sources ...Source) {
	s.mesh.t.Helper()
	s.mesh.must(s.TryApply(sources...))
}

// Add is Apply for what comes beside what the set holds already: nothing is deleted, as with kubectl apply.
func (s *Set) Add(sources ...Source) {
	s.mesh.t.Helper()
	var held Source
	for _, key := range inOrder(s.current) {
		held.documents = append(held.documents, s.current[key].document)
	}
	s.Apply(append([]Source{held}, sources...)...)
}

// Delete removes one object, as kubectl delete does; kind in any case.
func (s *Set) Delete(kind, namespace, name string) {
	s.mesh.t.Helper()
	for _, key := range inOrder(s.current) {
		c := s.current[key].config
		if strings.EqualFold(c.GroupVersionKind.Kind, kind) && c.Namespace == namespace && c.Name == name {
			s.mesh.must(s.mesh.Server.Store().Delete(c.GroupVersionKind, c.Name, c.Namespace, nil))
			delete(s.current, key)
			return
		}
	}
	s.mesh.now.Fatalf("there is no %s %s/%s", kind, namespace, name)
}

// Differs says what of the set is not as in the sources; empty when applying these would print "unchanged" only.
func (s *Set) Differs(sources ...Source) (differences []string) {
	s.mesh.t.Helper()
	wanted, _, _, err := read(sources)
	s.mesh.must(err)
	for key, one := range s.current {
		if other, there := wanted[key]; !there {
			differences = append(differences, key+" is left over")
		} else if !sameObject(one.config, other.config) {
			differences = append(differences, key+" has changed")
		}
	}
	for key := range wanted {
		if _, there := s.current[key]; !there {
			differences = append(differences, key+" is missing")
		}
	}
	return differences
}

// Clear removes what the set holds.
func (s *Set) Clear() { s.Apply() }

// TryApply is Apply for input that may be invalid; nothing is applied then.
func (s *Set) TryApply(sources ...Source) error {
	next, meshConfig, warnings, err := read(sources)
	if err != nil {
		return err
	}
	store := s.mesh.Server.Store()
	for key, one := range next {
		c := one.config
		old := store.Get(c.GroupVersionKind, c.Name, c.Namespace)
		if _, ours := s.current[key]; old != nil && !ours {
			return fmt.Errorf("%s belongs to another set", key)
		}
	}
	if err := s.mesh.setMeshFragment(s, meshConfig); err != nil {
		return err
	}
	for _, key := range inOrder(next) {
		c := next[key].config
		old := store.Get(c.GroupVersionKind, c.Name, c.Namespace)
		switch {
		case old == nil:
			if c.CreationTimestamp.IsZero() {
				c.CreationTimestamp = time.Now().Truncate(time.Second) // as an API server writes it
			}
			_, err = store.Create(c.DeepCopy()) // istiod completes hosts in what it holds
		case !sameObject(s.current[key].config, c):
			c.CreationTimestamp, c.Generation = old.CreationTimestamp, old.Generation+1
			_, err = store.Update(c.DeepCopy())
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	for _, key := range slices.Backward(inOrder(s.current)) {
		if _, kept := next[key]; !kept {
			c := s.current[key].config
			if err := store.Delete(c.GroupVersionKind, c.Name, c.Namespace, nil); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
	}
	s.current, s.Warnings = next, warnings
	return nil
}

// inOrder is the order in which kubectl sends them: that of the sources.
func inOrder(objects map[string]applicable) []string {
	return slices.SortedFunc(maps.Keys(objects), func(a, b string) int { return objects[a].order - objects[b].order })
}

func read(sources []Source) (objects map[string]applicable, meshConfig string, warnings []string, err error) {
	objects = map[string]applicable{}
	n := 0
	for _, source := range sources {
		if source.err != nil {
			return nil, "", nil, source.err
		}
		here := map[string]bool{}
		for _, document := range source.documents {
			var head struct {
				Kind string `json:"kind"`
			}
			if err := yaml.Unmarshal([]byte(document), &head); err != nil {
				return nil, "", nil, fmt.Errorf("%w in:\n%s", err, document)
			}
			if head.Kind == "" {
				meshConfig = strings.TrimSpace(meshConfig + "\n" + document)
				continue
			}
			c, more, err := Validate(document)
			if err != nil {
				return nil, "", nil, err
			}
			key := fmt.Sprintf("%s %s/%s", c.GroupVersionKind.Kind, c.Namespace, c.Name)
			if here[key] {
				return nil, "", nil, fmt.Errorf("%s is there twice", key)
			}
			here[key], warnings = true, append(warnings, more...)
			n++
			objects[key] = applicable{c, document, n}
		}
	}
	return objects, meshConfig, warnings, nil
}

// sameObject says whether kubectl apply would print "unchanged".
func sameObject(a, b config.Config) bool {
	x, isProto := a.Spec.(proto.Message)
	y, both := b.Spec.(proto.Message)
	sameSpec := isProto && both && proto.Equal(x, y) || !isProto && reflect.DeepEqual(a.Spec, b.Spec)
	return sameSpec && maps.Equal(a.Labels, b.Labels) && maps.Equal(a.Annotations, b.Annotations)
}
