package harness

import "fmt"

// Counts is how many requests arrived in each cluster.
type Counts map[string]int

// Total is their sum.
func (c Counts) Total() int {
	total := 0
	for _, n := range c {
		total += n
	}
	return total
}

// Only says whether requests arrived, and all of them in one cluster.
func (c Counts) Only(cluster string) bool { return c[cluster] > 0 && c[cluster] == c.Total() }

// Served counts what the pods of an app have received since the last Reset, by cluster.
func (m *Mesh) Served(app string) Counts {
	counts := Counts{}
	for _, p := range m.pods {
		if p.App == app {
			counts[p.Workload.Cluster] += len(p.Backend.Requests())
		}
	}
	return counts
}

// Reset makes every backend forget what it has received.
func (m *Mesh) Reset() {
	for _, p := range m.pods {
		p.Backend.Reset()
	}
}

// Leaked lists where requests with this header have arrived since the last Reset, with how many.
func (m *Mesh) Leaked(header string) map[string]int {
	leaks := map[string]int{}
	for _, p := range m.pods {
		for _, r := range p.Backend.Requests() {
			if values := r.Header.Values(header); len(values) > 0 {
				leaks[fmt.Sprintf("%q at %s", values, p.Backend.Name)]++
			}
		}
	}
	return leaks
}

// Ports counts the requests to an app by the port at which they arrived (of pods without a sidecar, the service's target).
func (m *Mesh) Ports(app string) map[int]int {
	ports := map[int]int{}
	for _, p := range m.pods {
		if p.App == app {
			for _, r := range p.Backend.Requests() {
				ports[r.Port]++
			}
		}
	}
	return ports
}

// Arrived counts the requests since the last Reset by where they arrived, as EndpointSlices write it: of pods without a
// sidecar.
func (m *Mesh) Arrived() map[string]int {
	arrived := map[string]int{}
	for _, p := range m.pods {
		for _, r := range p.Backend.Requests() {
			arrived[fmt.Sprintf("%s:%d", p.address.pod, r.Port)]++
		}
	}
	return arrived
}
