import { addressText, type ClusterStatus } from "../admin/clusters.ts";
import { clusterOf } from "../admin/endpoints.ts";
import { at, fieldsOf, itemsOf, numberOf, textOf, type Fields } from "../../input/loose.ts";
import { clusterOfSubset, serviceName } from "../service-name.ts";
import type { Upstream, UpstreamEndpoint } from "./model.ts";

type Assigned = Pick<UpstreamEndpoint, "address" | "to" | "priority">;

/** The Envoy clusters that stand for services: what is configured, and how their endpoints are. */
export function upstreamsOf(
  clusters: readonly Fields[],
  assignments: readonly unknown[],
  statuses: readonly ClusterStatus[],
  local: string | undefined,
): Upstream[] {
  const assigned = new Map<string, Assigned[]>();
  for (const assignment of assignments) {
    const name = textOf(at(assignment, "cluster_name")) ?? "";
    assigned.set(name, [...(assigned.get(name) ?? []), ...assignedIn(assignment)]);
  }
  const ids = new Set([...assigned.values()].flat().flatMap(({ to }) => to ?? []));
  if (local !== undefined) ids.add(local);
  const hosts = new Map(statuses.map(({ name, hosts }) => [name, hosts]));
  return clusters.flatMap((config) => {
    const name = textOf(config.name) ?? "";
    const service = serviceName(name);
    if (!service) return [];
    const bySubset = clusterOfSubset(service.subset, ids);
    // Envoy's dump calls endpoints by the name that they were asked for by.
    const source = textOf(at(config, "eds_cluster_config", "service_name")) ?? name;
    const known = new Map(assigned.get(source)?.map((one) => [one.address, one]));
    const endpoints = (hosts.get(name) ?? []).map(({ address, healthy, flags }) => {
      const { to = bySubset, priority = 0 } = known.get(address) ?? {};
      return { address, to, priority, healthy, flags };
    });
    return [{ name, ...service, config: fieldsOf(config), endpoints }];
  });
}

/** The endpoints of an envoy.config.endpoint.v3.ClusterLoadAssignment. */
function assignedIn(assignment: unknown): Assigned[] {
  return itemsOf(at(assignment, "endpoints")).flatMap((group) =>
    itemsOf(at(group, "lb_endpoints")).map((endpoint) => ({
      address: addressText(at(endpoint, "endpoint", "address")),
      to: clusterOf(at(endpoint, "metadata", "filter_metadata")),
      priority: numberOf(at(group, "priority")) ?? 0,
    })),
  );
}
