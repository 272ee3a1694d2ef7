import { fieldsOf, itemsOf, ownOf, textOf } from "../input/loose.ts";
import { resolveHost } from "../inventory/kubernetes/hosts.ts";
import { CLUSTER_LABEL, envoyCluster, MESH } from "../istio/names.ts";
import type { Configured } from "./istio-upstream.ts";
import type { ProxyRoute } from "./proxy-route.ts";

/** One destination of a route, as its owner wrote it. */
export interface Leg {
  host: string;
  port: number;
  /** Of the sum of all weights of the route. */
  weight: number;
  envoyCluster: string;
}

/** The destinations of a route. Where there are several, those without a weight get nothing. */
export function legsOf(
  { fields, namespace }: Pick<ProxyRoute, "fields" | "namespace">,
  around: Configured,
): Leg[] {
  const all = itemsOf(fields.route).map(fieldsOf);
  return all
    .map(({ destination, weight }) =>
      legOf(destination, all.length === 1 ? 1 : Number(weight ?? 0), namespace, around),
    )
    .filter(({ weight }) => weight > 0);
}

/** The only destination of a service that nobody routes. */
export function serviceLeg(host: string, port: number): Leg {
  return { host, port, weight: 1, envoyCluster: envoyCluster(host, port) };
}

function legOf(
  destination: unknown,
  weight: number,
  namespace: string,
  { policy, inventory, proxy }: Configured,
): Leg {
  const { host: written, port: asked, subset } = fieldsOf(destination);
  const named = resolveHost(textOf(written) ?? "", namespace, policy.clusterDomain);
  // An ExternalName that points to a service is another name for it (GetDestinationCluster).
  const host = inventory.services.get(named)?.externalName ?? named;
  const ports =
    inventory.services.get(host)?.ports ??
    itemsOf(inventory.serviceEntries.get(host)?.spec.ports).map((one) => ({
      number: Number(fieldsOf(one).number),
    }));
  // A gateway takes the only port of a service; to a sidecar's route services on other ports are not known.
  const usual = !proxy.gateways.has(MESH) && ports.length === 1 ? ports[0]!.number : proxy.port;
  const port = Number(fieldsOf(asked).number ?? usual);
  return { host, port, weight, envoyCluster: envoyCluster(host, port, textOf(subset)) };
}

/** The labels of several subsets as one: `version=v1 or v2`; the cluster's last. */
export function joined(all: readonly Record<string, string>[]): Record<string, string> | undefined {
  const keys = [...new Set(all.flatMap((labels) => Object.keys(labels)))];
  const values = (key: string) => [...new Set(all.map((labels) => ownOf(labels, key) ?? "any"))].join(" or ");
  keys.sort((a, b) => Number(a === CLUSTER_LABEL) - Number(b === CLUSTER_LABEL));
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, values(key)]));
}
