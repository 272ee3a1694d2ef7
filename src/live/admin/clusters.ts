import { addressOf, canonicalHost } from "../../input/host.ts";
import { at, fieldsOf, itemsOf, numberOf, textOf } from "../../input/loose.ts";

/** An Envoy cluster as its load balancer sees it (envoy.admin.v3.ClusterStatus). */
export interface ClusterStatus {
  name: string;
  /** What the names of its stats begin with, after `cluster.`, as Envoy writes it: without colons. */
  statName: string;
  /** The name that its endpoints are asked for by: its own in most cases. */
  source: string;
  hosts: HostStatus[];
}

export interface HostStatus {
  /** `127.0.0.1:7001`. */
  address: string;
  /** Requests sent to it, and those of them that failed. */
  requests: number;
  errors: number;
  /** Whether the load balancer may send to it, outside of panic. */
  healthy: boolean;
  /** The health flags that are set, and the health that EDS told where it is not good. */
  flags: string[];
}

/** `/clusters?format=json`. */
export function clusterStatuses(answer: unknown): ClusterStatus[] {
  return itemsOf(at(answer, "cluster_statuses")).map((status) => {
    const name = textOf(at(status, "name")) ?? "";
    return {
      name,
      statName: (textOf(at(status, "observability_name")) ?? name).replaceAll(":", "_"),
      source: textOf(at(status, "eds_service_name")) ?? name,
      hosts: itemsOf(at(status, "host_statuses")).map(hostStatus),
    };
  });
}

function hostStatus(host: unknown): HostStatus {
  const counts: Record<string, number> = {};
  for (const stat of itemsOf(at(host, "stats"))) {
    const { name, value } = fieldsOf(stat);
    // Of a count that is 0 there is no value.
    if (typeof name === "string") counts[name] = numberOf(value) ?? 0;
  }
  const flags = healthFlags(fieldsOf(at(host, "health_status")));
  return {
    address: addressText(at(host, "address")),
    requests: counts.rq_total ?? 0,
    errors: counts.rq_error ?? 0,
    // A degraded endpoint is one that is used last, but used.
    healthy: flags.every((flag) => flag === "failed_active_degraded_check"),
    flags,
  };
}

/** envoy.admin.v3.HostHealthStatus: flags are true where set; the health of EDS is a word beside them. */
function healthFlags(status: Readonly<Record<string, unknown>>): string[] {
  const flags = Object.keys(status).filter((flag) => status[flag] === true);
  const eds = textOf(status.eds_health_status);
  return eds === "UNHEALTHY" || eds === "DRAINING" || eds === "TIMEOUT" ? [...flags, `eds_${eds}`] : flags;
}

/** envoy.config.core.v3.Address, as text; the same for the two places that tell it. */
export function addressText(address: unknown): string {
  const socket = fieldsOf(at(address, "socket_address"));
  const host = textOf(socket.address);
  if (host !== undefined) return addressOf(canonicalHost(host), numberOf(socket.port_value) ?? 0);
  return (
    textOf(at(address, "pipe", "path")) ??
    textOf(at(address, "envoy_internal_address", "server_listener_name")) ??
    ""
  );
}
