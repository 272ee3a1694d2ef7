package istio

import (
	"testing"

	"cluster-local/test/istio/harness"
)

// observe is a dry run.
const observe = `[{services: [default/reviews], mode: observe}]`

// The filter's counters of where requests went are those of the receivers, here in dry run.
func TestTheCountersAgreeWithTheReceivers(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, routing := range deciding {
		s.Run(t, routing.name, func(t *testing.T) {
			policy := s.NewSet()
			policy.Apply(routing.generate(t, s.Mesh, observe).Source)
			s.Settle()
			for _, cluster := range clusters {
				s.agrees(t, s.sleep[cluster].Proxy)
			}
			policy.Clear()
			s.Settle()
		})
	}
}

// agrees compares what a caller's filter counts with what arrives.
func (s *story) agrees(t *testing.T, from *harness.Proxy) {
	t.Helper()
	const upstream = "wasmcustom.cluster_local.upstream."
	local, remote := from.Counter(upstream+"local"), from.Counter(upstream+"remote")
	counts := s.served(t, from, "reviews", "http://reviews:9080/reviews/0", 60)
	local, remote = from.Counter(upstream+"local")-local, from.Counter(upstream+"remote")-remote
	if local != counts[from.Cluster] || local+remote != counts.Total() {
		t.Errorf("counted by the filter: %d local, %d remote; arrived: %v", local, remote, counts)
	}
	mixes(t, counts)
}
