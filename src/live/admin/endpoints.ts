import { addressText } from "./clusters.ts";
import { at, itemsOf, textOf } from "../../input/loose.ts";

/** By the name of an Envoy cluster and the address of an endpoint in it: the id of the mesh's cluster that it is in. */
export type EndpointClusters = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** What `/config_dump?include_eds` says of endpoints (envoy.admin.v3.EndpointsConfigDump); `configs` are its entries. */
export function endpointClusters(configs: readonly unknown[]): EndpointClusters {
  const clusters = new Map<string, Map<string, string>>();
  for (const config of configs) {
    const assignment = at(config, "endpoint_config");
    const name = textOf(at(assignment, "cluster_name"));
    if (name === undefined) continue;
    const known = clusters.get(name) ?? new Map<string, string>();
    clusters.set(name, known);
    for (const group of itemsOf(at(assignment, "endpoints"))) {
      for (const endpoint of itemsOf(at(group, "lb_endpoints"))) {
        const id = clusterOf(at(endpoint, "metadata", "filter_metadata"));
        if (id !== undefined) known.set(addressText(at(endpoint, "endpoint", "address")), id);
      }
    }
  }
  return clusters;
}

/**
 * As the filter reads it in responses: `envoy.lb`'s `cluster`, or on Istio the fifth field of `istio`'s `workload`
 * (`reviews-v1;default;reviews;v1;m1c1`, behind an east-west gateway `;;;;m1c2`).
 */
export function clusterOf(metadata: unknown): string | undefined {
  const workload = textOf(at(metadata, "istio", "workload"));
  return textOf(at(metadata, "envoy.lb", "cluster")) ?? textOf(workload?.split(";")[4]);
}
