import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";
import { titleOf } from "../inventory/kubernetes/object.ts";
import { CLUSTER_LABEL } from "../targets/istio/options.ts";
import { matches, type RoutedRequest } from "./istio-match.ts";
import { mostSpecific, resourcesFor, type Resource, type RoutedQuestion } from "./istio-resources.ts";
import { endpointsOf, unknownEndpoints, type KubeEndpoint } from "./kubernetes-endpoints.ts";
import type { ExcludedEndpoint, EndpointTold, Followed, Pin } from "./view.ts";

/** Follows a request through the VirtualServices and DestinationRules that there are with those that are generated. */
export function followRoutes(routed: RoutedQuestion, pin: Pin): Followed {
  const resources = resourcesFor(routed);
  const service = mostSpecific(resources, routed);
  const http = service && itemsOf(service.spec.http).map(fieldsOf);
  const request = requestOf(routed, pin);
  const notes: string[] = [];
  const route = http?.find((one) => {
    const result = matches(one, request);
    if (result === "unsure")
      notes.push(`${nameOf(service!, one)} also asks for labels of the caller; they are taken for met`);
    return result !== "no";
  });
  if (service && !route) {
    const none = { allowed: [], excluded: [] };
    return {
      unrouted: true,
      endpoints: none,
      notes: [`no route of ${titleOf(service)} takes the request: Envoy answers 404`],
    };
  }
  if (route && itemsOf(route.route).length === 0) {
    const what =
      textOf(fieldsOf(route.delegate).name) === undefined
        ? "answers by itself (redirect or direct response)"
        : "delegates, which is not followed here";
    return {
      endpoints: { allowed: [], excluded: [] },
      notes: [...notes, `${nameOf(service!, route)} ${what}`],
    };
  }
  const destinations = route
    ? itemsOf(route.route).map((one) => fieldsOf(fieldsOf(one).destination))
    : [{ host: routed.host } as Fields];
  const legs = destinations.map((one) => legOf(one, service?.namespace ?? "default", routed, resources, pin));
  return {
    route: {
      in: service ? nameOf(service, route!) : `virtual host ${routed.host}:${routed.port}`,
      envoyClusters: legs.map(({ envoyCluster }) => envoyCluster),
    },
    subset: joined(legs.flatMap(({ labels }) => (labels ? [labels] : []))),
    endpoints: {
      allowed: distinct(legs.flatMap(({ allowed }) => allowed)).sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0)),
      excluded: distinct(legs.flatMap(({ excluded }) => excluded)),
    },
    unknown: legs.every((leg) => leg.unknown),
    notes: [...new Set([...notes, ...legs.flatMap((leg) => leg.notes)])],
  };
}

/** The same without a look at the routes: the service itself, and of its endpoints those of the cluster pinned to. */
export function withoutRoutes(routed: RoutedQuestion, pin: Pin): Followed {
  const { host, port, inventory } = routed;
  const service = inventory.services.get(host);
  const endpoints = service ? endpointsOf(service, port) : [];
  return {
    route: { in: `virtual host ${host}:${port}`, envoyClusters: [`outbound|${port}||${host}`] },
    endpoints: divide(endpoints, pin.cluster, routed, pin),
    notes: [],
  };
}

/** The labels of several subsets as one: `version=v1 or v2`. */
function joined(all: readonly Record<string, string>[]): Record<string, string> | undefined {
  const keys = [...new Set(all.flatMap((labels) => Object.keys(labels)))];
  const values = (key: string) => [...new Set(all.map((labels) => labels[key] ?? "any"))].join(" or ");
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, values(key)]));
}

/** Subsets of one service may share endpoints. */
function distinct<E extends { address: string; cluster: string }>(endpoints: readonly E[]): E[] {
  const known = new Map(endpoints.map((one) => [`${one.cluster} ${one.address}`, one]));
  return [...known.values()];
}

function requestOf({ question: { cluster, caller }, port }: RoutedQuestion, { headers }: Pin): RoutedRequest {
  return { headers, port, cluster, clusterLabel: CLUSTER_LABEL, namespace: caller?.namespace };
}

/** One destination of the route that takes the request. */
interface Leg {
  envoyCluster: string;
  labels: Record<string, string> | undefined;
  allowed: EndpointTold[];
  excluded: ExcludedEndpoint[];
  /** See Followed. */
  unknown: boolean;
  notes: string[];
}

function legOf(
  destination: Fields,
  namespace: string,
  routed: RoutedQuestion,
  resources: readonly Resource[],
  pin: Pin,
): Leg {
  const { policy, inventory } = routed;
  const host = resolveHost(textOf(destination.host) ?? "", namespace, policy.clusterDomain);
  const subset = textOf(destination.subset);
  const port = Number(fieldsOf(destination.port).number ?? routed.port);
  const envoyCluster = `outbound|${port}|${subset ?? ""}|${host}`;
  const service = inventory.services.get(host);
  const nothing = { envoyCluster, allowed: [], excluded: [], unknown: false };
  if (!service)
    return {
      ...nothing,
      unknown: true,
      labels: undefined,
      notes: [`the endpoints of ${host} are not known`],
    };
  const labels = subset === undefined ? undefined : labelsOf(subset, host, resources, policy.clusterDomain);
  if (subset !== undefined && labels === undefined)
    return { ...nothing, labels, notes: [`no DestinationRule gives ${host} the subset ${subset}: 503 NC`] };
  const { [CLUSTER_LABEL]: cluster, ...others } = labels ?? {};
  const rest = Object.entries(others).map(([key, value]) => `${key}=${value}`);
  const notes =
    rest.length > 0
      ? [`of these endpoints only those with ${rest.join(", ")}: the labels of pods are not in the inventory`]
      : [];
  const endpoints = endpointsOf(service, port);
  const unknown = unknownEndpoints(service);
  return {
    ...{ envoyCluster, labels },
    ...divide(endpoints, cluster, routed, pin),
    unknown: unknown !== undefined && endpoints.length === 0,
    notes: unknown === undefined ? notes : [...notes, unknown],
  };
}

function labelsOf(
  subset: string,
  host: string,
  resources: readonly Resource[],
  domain: string,
): Record<string, string> | undefined {
  for (const { kind, namespace, spec } of resources) {
    if (kind !== "DestinationRule" || !covers(resolveHost(textOf(spec.host) ?? "", namespace, domain), host))
      continue;
    const found = itemsOf(spec.subsets)
      .map(fieldsOf)
      .find(({ name }) => name === subset);
    if (found) return fieldsOf(found.labels) as Record<string, string>;
  }
  return undefined;
}

/** By the subset's cluster; with `prefer` Istio goes to the local endpoints first, and to all others when these are down. */
function divide(
  endpoints: readonly KubeEndpoint[],
  cluster: string | undefined,
  { question }: RoutedQuestion,
  { decision }: Pin,
) {
  const allowed: EndpointTold[] = [];
  const excluded: ExcludedEndpoint[] = [];
  for (const { ready, ...endpoint } of endpoints) {
    const turn = decision === "prefer" ? { turn: endpoint.cluster === question.cluster ? 1 : 2 } : {};
    if (!ready) excluded.push({ ...endpoint, why: "not ready" });
    else if (cluster !== undefined && endpoint.cluster !== cluster)
      excluded.push({ ...endpoint, why: `in ${endpoint.cluster}; the route's subset is that of ${cluster}` });
    else allowed.push({ ...endpoint, ...turn });
  }
  allowed.sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0));
  return { allowed, excluded };
}

function nameOf(service: Resource, route: Fields): string {
  const name = textOf(route.name);
  const index = itemsOf(service.spec.http).indexOf(route);
  return `${titleOf(service)}, http[${index}]${name === undefined ? "" : ` (${name})`}`;
}
