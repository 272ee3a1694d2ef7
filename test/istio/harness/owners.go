package harness

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

// Versions are the resource versions of the set's objects: who compares two of these knows whether somebody has written to one
// meanwhile. (istiod completes host names in what it holds, so the objects themselves say less.)
func (s *Set) Versions() map[string]string {
	s.mesh.now.Helper()
	versions := map[string]string{}
	for key, one := range s.current {
		versions[key] = "gone"
		if held := s.mesh.Server.Store().Get(one.config.GroupVersionKind, one.config.Name, one.config.Namespace); held != nil {
			versions[key] = held.ResourceVersion
		}
	}
	return versions
}
