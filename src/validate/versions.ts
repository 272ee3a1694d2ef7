import type { Problem } from "../input/problem.ts";
import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import { textOf } from "../input/loose.ts";
import { problemOf } from "../inventory/kubernetes/object.ts";
import { endpointsOf } from "../explain/kubernetes-endpoints.ts";
import { subsetsOf } from "../istio/destination-rules.ts";
import { CLUSTER_LABEL } from "../istio/names.ts";
import { destinationsIn, fieldOf } from "./destinations.ts";
import type { Known } from "./known.ts";

/** Routes to a version of a strict service that has ready endpoints in a cluster, and none of that version. */
export function emptyVersions({ mesh }: Known): Problem[] {
  const { inventory, policy, governed } = mesh;
  const strict = new Map(governed.filter((one) => one.strict).map(({ service }) => [service.host, service]));
  // Without Pods nothing is known of labels.
  if (inventory.pods.size === 0 || strict.size === 0) return [];
  return destinationsIn(inventory, policy.clusterDomain).flatMap((one) => {
    const service = strict.get(one.host);
    if (!service || one.subset === undefined) return [];
    const labels = inventory.destinationRules
      .filter((rule) =>
        covers(resolveHost(textOf(rule.spec.host) ?? "", rule.namespace, policy.clusterDomain), one.host),
      )
      .flatMap(subsetsOf)
      .filter(({ name }) => name === one.subset)
      .map((subset) => Object.entries(subset.labels).filter(([key]) => key !== CLUSTER_LABEL));
    const port = one.port ?? service.ports[0]?.number;
    if (labels.length === 0 || port === undefined) return [];
    const ready = endpointsOf(service, port, inventory).filter((endpoint) => endpoint.ready);
    const empty = policy.clusters.filter((cluster) => {
      const here = ready.filter((endpoint) => endpoint.cluster === cluster);
      return (
        here.length > 0 &&
        here.every(
          ({ pod }) => pod && labels.every((asked) => asked.some(([key, value]) => pod[key] !== value)),
        )
      );
    });
    if (empty.length === 0) return [];
    const asked = labels[0]!.map(([key, value]) => `${key}=${String(value)}`).join(", ");
    const message = `found "${one.subset}", but no endpoint of ${service.namespace}/${service.name} in ${empty.join(", ")} has ${asked}: requests for it that are kept there get 503`;
    return [problemOf("CL0309", one.object, fieldOf(one, "subset"), message)];
  });
}
