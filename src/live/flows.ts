import type { ClusterStatus, HostStatus } from "./admin/clusters.ts";
import type { EndpointClusters } from "./admin/endpoints.ts";
import type { Flow } from "./model.ts";
import { flowKey } from "./rates.ts";
import { clusterOfSubset, namedService, type Names } from "./service-name.ts";

/** The bytes of an Envoy cluster's connections. */
export type BytesOf = (cluster: ClusterStatus) => { sent: number; received: number };

/**
 * The flows behind Envoy's clusters. Where Istio has a cluster for each subset, the same endpoints stand in several:
 * requests add up, endpoints count once.
 *
 * Bytes are an estimate. Envoy has them by Envoy cluster, not by endpoint: each flow gets the share that it has of the
 * cluster's requests.
 */
export function flowsOf(
  clusters: readonly ClusterStatus[],
  endpoints: EndpointClusters,
  bytesOf: BytesOf,
  local: string | undefined,
  names: Names = {},
): Flow[] {
  const ids = new Set([...endpoints.values()].flatMap((known) => [...known.values()]));
  if (local !== undefined) ids.add(local);
  const flows = new Map<string, Flow & { addresses: Map<string, boolean> }>();
  for (const cluster of clusters) {
    const name = namedService(cluster.name, names);
    if (!name) continue;
    const bySubset = clusterOfSubset(name.subset, ids);
    const known = endpoints.get(cluster.source);
    const total = cluster.hosts.reduce((sum, { requests }) => sum + requests, 0);
    const bytes = bytesOf(cluster);
    for (const host of cluster.hosts) {
      const to = known?.get(host.address) ?? bySubset;
      const key = flowKey({ ...name, to });
      const flow = flows.get(key) ?? emptyFlow(name.service, name.port, to);
      flows.set(key, flow);
      addHost(flow, host);
      const share = total > 0 ? host.requests / total : 0;
      flow.bytesSent += bytes.sent * share;
      flow.bytesReceived += bytes.received * share;
    }
  }
  // Envoy lists its clusters in no order.
  const sorted = [...flows.values()].sort(byName);
  return sorted.map(({ addresses, ...flow }) => ({
    ...flow,
    bytesSent: Math.round(flow.bytesSent),
    bytesReceived: Math.round(flow.bytesReceived),
    endpoints: addresses.size,
    healthy: [...addresses.values()].filter(Boolean).length,
  }));
}

function emptyFlow(service: string, port: number | undefined, to: string | undefined) {
  const counts = { requests: 0, errors: 0, bytesSent: 0, bytesReceived: 0, endpoints: 0, healthy: 0 };
  return { service, port, to, ...counts, addresses: new Map<string, boolean>() };
}

function addHost(
  flow: Flow & { addresses: Map<string, boolean> },
  { address, requests, errors, healthy }: HostStatus,
): void {
  flow.requests += requests;
  flow.errors += errors;
  flow.addresses.set(address, healthy || flow.addresses.get(address) === true);
}

function byName(a: Flow, b: Flow): number {
  return (
    compare(a.service, b.service) ||
    (a.port ?? 0) - (b.port ?? 0) ||
    compare(a.to ?? "\uffff", b.to ?? "\uffff")
  );
}

/** By code units: the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
