// Package harness is a two-cluster Istio mesh on one machine, for tests that count at the receivers.
//
// What is real: Istio's discovery server (its production generators and service registries, over Kubernetes
// API servers in memory), Envoy (one process for each sidecar and gateway, configured by nothing but istiod
// over delta ADS) and the HTTP servers behind them. What is not: there is no iptables, so that every sidecar
// has a Sidecar resource that makes it listen on loopback addresses of its own; of pilot-agent only what
// fetches Wasm modules; and there is no mTLS.
//
// Every address is in a loopback block of its own per mesh (127.<block>.x.y), so that services keep their
// usual ports and several meshes can run at the same time. This needs Linux.
package harness
