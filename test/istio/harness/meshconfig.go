package harness

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/mesh/meshwatcher"
)

// applied is the mesh configuration of the start, and what the sets have laid over it since.
type applied struct {
	base      *meshconfig.MeshConfig
	fragments map[*Set]string
	order     []*Set
}

// setMeshFragment replaces a set's part of MeshConfig, live, as an edit of the ConfigMap istio would.
func (m *Mesh) setMeshFragment(s *Set, fragment string) error {
	a := m.applied
	if a.base == nil {
		a.base, a.fragments = proto.Clone(m.Server.Env().Mesh()).(*meshconfig.MeshConfig), map[*Set]string{}
	}
	before, known := a.fragments[s]
	if before == fragment {
		return nil
	}
	if !known {
		a.order = append(a.order, s)
	}
	a.fragments[s] = fragment
	var all []string
	for _, each := range a.order {
		all = append(all, a.fragments[each])
	}
	next, err := mesh.ApplyMeshConfig(strings.Join(all, "\n"), proto.Clone(a.base).(*meshconfig.MeshConfig))
	if err != nil {
		a.fragments[s] = before
		return fmt.Errorf("MeshConfig: %w", err)
	}
	m.Server.Env().Watcher.(meshwatcher.TestWatcher).Set(next)
	m.PushAll() // istiod's server wires this to its watcher; the discovery server alone does not
	return nil
}

// PushAll has istiod push everything to every proxy.
func (m *Mesh) PushAll() {
	m.Server.Discovery.ConfigUpdate(&model.PushRequest{Forced: true, Reason: model.NewReasonStats(model.GlobalUpdate)})
}
