package harness

import (
	"encoding/json"

	"istio.io/istio/pkg/config"
)

// This file is about what others do to objects that they own, while requests go on.

// Reapply writes every object of the set again as it is, as an owner does that puts its objects back (Argo CD, Flux, Helm).
func (s *Set) Reapply() {
	s.mesh.now.Helper()
	store := s.mesh.Server.Store()
	for _, key := range inOrder(s.current) {
		c := s.current[key].config
		old := store.Get(c.GroupVersionKind, c.Name, c.Namespace)
		c.CreationTimestamp, c.Generation, c.ResourceVersion = old.CreationTimestamp, old.Generation+1, old.ResourceVersion
		_, err := store.Update(c.DeepCopy())
		s.mesh.must(err)
	}
}

// Stored is the set's objects as the API server holds them, generations and versions included, in JSON. Who compares two of
// these knows whether somebody has written meanwhile.
func (s *Set) Stored() map[string]string {
	s.mesh.now.Helper()
	stored := map[string]string{}
	for key, one := range s.current {
		held := s.mesh.Server.Store().Get(one.config.GroupVersionKind, one.config.Name, one.config.Namespace)
		if held == nil {
			stored[key] = "gone"
			continue
		}
		text, err := json.Marshal(struct {
			Meta config.Meta
			Spec any
		}{held.Meta, held.Spec})
		s.mesh.must(err)
		stored[key] = string(text)
	}
	return stored
}
