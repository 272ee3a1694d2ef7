import type { Fields } from "../../../input/loose.ts";
import type { KubeObject } from "../../../inventory/kubernetes/object.ts";
import { subsetsOf, type Subset } from "../../../istio/destination-rules.ts";
import { CLUSTER_LABEL } from "../../../istio/names.ts";
import type { SubsetNames } from "../names.ts";

/** No endpoint has it: a subset of one cluster has nothing in another, and requests for both get 503. */
const NOWHERE = { "cluster-local/nowhere": "nowhere" };

/** A subset for each cluster, and the part of each of the user's subsets that is in it. */
export function clusterSubsets(
  clusters: readonly string[],
  subsets: readonly Subset[],
  names: SubsetNames,
): Fields[] {
  return clusters.flatMap((cluster) => [
    { name: names.name(cluster), labels: { [CLUSTER_LABEL]: cluster } },
    ...subsets.map(({ name, labels, fields }) => ({
      ...fields,
      name: names.name(cluster, name),
      labels: { ...labels, ...(isElsewhere(labels, cluster) ? NOWHERE : { [CLUSTER_LABEL]: cluster }) },
    })),
  ]);
}

/** Whether a subset says by itself that it is in another cluster. */
export function isElsewhere(labels: Fields, cluster: string): boolean {
  const own = labels[CLUSTER_LABEL];
  return own !== undefined && own !== cluster;
}

/** Of two subsets of one name Istio keeps the one of the older rule; which that is, the files need not say. */
export function firstOfEachName(rules: readonly KubeObject[]): Subset[] {
  const subsets = new Map<string, Subset>();
  for (const subset of rules.flatMap(subsetsOf))
    if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
  return [...subsets.values()];
}
