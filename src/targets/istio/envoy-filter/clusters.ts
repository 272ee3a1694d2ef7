import type { Fields } from "../../../input/loose.ts";
import { patch, type Proxies } from "./patch.ts";

/** Envoy clusters that lead to others in order: the first of them that has a healthy endpoint. */
export function aggregatePatches(
  proxies: Proxies,
  aggregates: ReadonlyMap<string, readonly string[]>,
): Fields[] {
  return [...aggregates]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, clusters]) =>
      patch("CLUSTER", proxies, {}, "ADD", {
        name,
        connect_timeout: "10s",
        lb_policy: "CLUSTER_PROVIDED",
        cluster_type: {
          name: "envoy.clusters.aggregate",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig",
            clusters,
          },
        },
      }),
    );
}

/**
 * Takes away the Envoy clusters of our subsets that no route of a sidecar leads to; istiod still serves their endpoints by
 * name. Gateways keep them: one between networks finds the other side's by them.
 *
 * @param subsets the names of all our subsets
 * @param used those that routes lead to
 */
export function removePatches(
  cluster: string,
  subsets: Iterable<string>,
  used: ReadonlySet<string>,
): Fields[] {
  const proxies = { context: "SIDECAR_OUTBOUND", cluster } as const;
  const unused = [...new Set(subsets)].filter((subset) => !used.has(subset)).sort();
  return unused.map((subset) => patch("CLUSTER", proxies, { cluster: { subset } }, "REMOVE"));
}
