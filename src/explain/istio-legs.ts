import { resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { fieldsOf, itemsOf, ownOf, textOf, type Fields } from "../input/loose.ts";
import type { Policy } from "../policy/policy.ts";
import { CLUSTER_LABEL, MESH } from "../istio/names.ts";
import { divide, type Wanted } from "./istio-endpoints.ts";
import { obeyed } from "./istio-destination-rules.ts";
import type { IstioProxy } from "./istio-match.ts";
import type { Resources } from "./istio-resources.ts";
import { endpointsOf, unknownEndpoints } from "./kubernetes-endpoints.ts";
import type { EndpointTold, ExcludedEndpoint } from "./view.ts";

/** One destination of a route. */
export interface Leg {
  host: string;
  port: number;
  /** Of the sum of all weights of the route. */
  weight: number;
  envoyCluster: string;
  /** The proxy has such an Envoy cluster; where it has none, it answers 503 (NC). */
  exists: boolean;
  labels: Record<string, string> | undefined;
  allowed: EndpointTold[];
  excluded: ExcludedEndpoint[];
  /** See Followed. */
  unknown: boolean;
  notes: string[];
}

/** The mesh around a request. */
export interface Surroundings {
  policy: Policy;
  inventory: Inventory;
  proxy: IstioProxy;
  resources: Resources;
}

/** The destinations of a route. Where there are several, those without a weight get nothing. */
export function legsOf(route: { fields: Fields; namespace: string }, around: Surroundings): Leg[] {
  const all = itemsOf(route.fields.route).map(fieldsOf);
  const weightOf = (one: Fields) => (all.length === 1 ? 1 : Number(one.weight ?? 0));
  return all
    .filter((one) => weightOf(one) > 0)
    .map((one) => legOf(fieldsOf(one.destination), weightOf(one), route.namespace, around));
}

/** The only destination of a service that no VirtualService routes. */
export function serviceLeg(host: string, port: number, around: Surroundings): Leg {
  return legOf({ host, port: { number: port } }, 1, "default", around);
}

function legOf(destination: Fields, weight: number, namespace: string, around: Surroundings): Leg {
  const { policy, inventory, proxy, resources } = around;
  const domain = policy.clusterDomain;
  const host = resolveHost(textOf(destination.host) ?? "", namespace, domain);
  const subset = textOf(destination.subset);
  const service = inventory.services.get(host);
  const entry = inventory.serviceEntries.get(host);
  const ports =
    service?.ports ?? itemsOf(entry?.spec.ports).map((one) => ({ number: Number(fieldsOf(one).number) }));
  // A gateway takes the only port of a service; to a sidecar's route services on other ports are not known.
  const usual = !proxy.gateways.has(MESH) && ports.length === 1 ? ports[0]!.number : proxy.port;
  const port = Number(fieldsOf(destination.port).number ?? usual);
  const leg: Leg = {
    ...{ host, port, weight, envoyCluster: `outbound|${port}|${subset ?? ""}|${host}`, exists: true },
    ...{ labels: undefined, allowed: [], excluded: [], unknown: false, notes: [] },
  };
  const missing = (why: string): Leg => ({
    ...leg,
    exists: false,
    notes: [`${why}: Envoy answers 503 (NC)`],
  });
  if (!service && !entry) return missing(`no service of the inventory is called ${host}`);
  if (ports.length > 0 && !ports.some(({ number }) => number === port))
    return missing(`${host} has no port ${port}`);
  const rules = obeyed(
    host,
    service?.namespace ?? entry?.namespace,
    proxy.namespace,
    resources.destinationRules,
    domain,
  );
  const labels = subset === undefined ? undefined : rules.labels(subset);
  if (subset !== undefined && !labels)
    return missing(`no DestinationRule that the caller obeys gives ${host} the subset ${subset}`);
  const known = { ...leg, labels };
  if (!service)
    return {
      ...known,
      unknown: true,
      notes: [`not known: the endpoints of ${host}, which a ServiceEntry adds`],
    };
  const unknown = unknownEndpoints(service);
  const endpoints = endpointsOf(service, port, inventory);
  const wanted: Wanted = { labels, home: proxy.cluster, localFirst: rules.localFirst(subset) };
  const { allowed, excluded, notes } = divide(endpoints, wanted, { host, domain });
  return {
    ...known,
    ...{ allowed, excluded },
    unknown: unknown !== undefined && (endpoints.length === 0 || service.headless),
    notes: [...rules.notes, ...notes, ...(unknown === undefined ? [] : [unknown])],
  };
}

/** Whether two routes choose among destinations alike: by the same random number, so that the same one is chosen. */
export function chooseAlike(a: readonly Leg[], b: readonly Leg[]): boolean {
  const key = (legs: readonly Leg[]) => legs.map(({ host, weight }) => `${weight} ${host}`).join();
  return key(a) === key(b);
}

/** The labels of several subsets as one: `version=v1 or v2`; the cluster's last. */
export function joined(all: readonly Record<string, string>[]): Record<string, string> | undefined {
  const keys = [...new Set(all.flatMap((labels) => Object.keys(labels)))];
  const values = (key: string) => [...new Set(all.map((labels) => ownOf(labels, key) ?? "any"))].join(" or ");
  keys.sort((a, b) => Number(a === CLUSTER_LABEL) - Number(b === CLUSTER_LABEL));
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, values(key)]));
}
