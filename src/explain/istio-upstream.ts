import { fieldsOf, itemsOf } from "../input/loose.ts";
import { didYouMean } from "../input/nearest.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { titleOf } from "../inventory/kubernetes/object.ts";
import { obeyed, type Obeyed, type Rule } from "../istio/obeyed.ts";
import { isVisible } from "../istio/visibility.ts";
import type { Policy } from "../policy/policy.ts";
import { divide } from "./istio-endpoints.ts";
import type { IstioProxy } from "./istio-match.ts";
import type { Patches } from "./istio-patches.ts";
import { endpointsOf, unknownEndpoints } from "./kubernetes-endpoints.ts";
import type { EndpointTold, ExcludedEndpoint } from "./view.ts";

/** What a proxy has to choose an Envoy cluster and its endpoints by. */
export interface Configured {
  policy: Policy;
  inventory: Inventory;
  proxy: IstioProxy;
  rootNamespace: string;
  /** The user's and ours; the oldest first. */
  destinationRules: readonly Rule[];
  patches: Patches;
  /** Whether the caller imports a service, or a VirtualService that leads to it. */
  imports: (host: string, namespace: string) => boolean;
  /** MeshConfig's serviceSettings that a policy asks for. */
  settings: readonly unknown[];
}

/** An Envoy cluster of a proxy. */
export interface Upstream {
  envoyCluster: string;
  /** The proxy has it; where it has none, it answers 503 (NC). */
  exists: boolean;
  labels: Record<string, string> | undefined;
  allowed: EndpointTold[];
  excluded: ExcludedEndpoint[];
  /** See Followed. */
  unknown: boolean;
  notes: string[];
}

/** The Envoy cluster of this name, with its endpoints. */
export function upstreamOf(envoyCluster: string, configured: Configured): Upstream {
  const order = configured.patches.aggregate(envoyCluster);
  if (order)
    return inTurn(
      envoyCluster,
      order.map((one) => upstreamOf(one, configured)),
    );
  const none: Upstream = {
    ...{ envoyCluster, exists: false, labels: undefined, allowed: [], excluded: [] },
    ...{ unknown: false, notes: [] },
  };
  const missing = (why: string): Upstream => ({ ...none, notes: [`${why}: Envoy answers 503 (NC)`] });
  const [, number, name = "", host] = envoyCluster.split("|");
  if (host === undefined) return missing("its pin is none that the route knows");
  const { inventory, proxy, patches } = configured;
  const [service, entry] = [inventory.services.get(host), inventory.serviceEntries.get(host)];
  const ports =
    service?.ports ?? itemsOf(entry?.spec.ports).map((one) => ({ number: Number(fieldsOf(one).number) }));
  if (!service && !entry) {
    const near = didYouMean(host, inventory.services.keys());
    return missing(`no service of the inventory is called ${host}${near === undefined ? "" : ` (${near})`}`);
  }
  if (ports.length > 0 && !ports.some((one) => one.number === Number(number)))
    return missing(`${host} has no port ${number!}, but ${ports.map((one) => one.number).join(", ")}`);
  if (!service && !isVisible(entry!, proxy.namespace ?? ""))
    return missing(`${titleOf(entry!)} is not shown to the caller's namespace`);
  const home = service?.namespace ?? entry!.namespace;
  if (!configured.imports(host, home)) return missing(`the caller's Sidecar does not import ${host}`);
  const rules = rulesFor(host, Number(number), home, configured);
  if (name !== "" && (!rules.labels(name) || patches.isRemoved(name)))
    return missing(
      `no DestinationRule that the caller obeys gives ${host} the subset ${name}${hint(name, rules)}`,
    );
  if (!service) {
    const note = `not known: the endpoints of ${host}, which a ServiceEntry adds`;
    return { ...none, exists: true, unknown: true, labels: rules.labels(name), notes: [note] };
  }
  const [, port, served = ""] = patches.endpointsOf(envoyCluster).split("|");
  if (Number(port) !== Number(number)) {
    const note = `${envoyCluster} is younger than what was generated, which gives it no endpoints: Envoy answers 503`;
    return { ...none, exists: true, labels: rules.labels(name), notes: [note] };
  }
  const labels = served === "" ? undefined : rules.labels(served);
  const open = served !== "" && !labels;
  const unknown = unknownEndpoints(service);
  const endpoints = endpointsOf(service, Number(number), inventory);
  const { allowed, excluded, notes } = divide(
    endpoints,
    { labels, home: proxy.cluster, localFirst: rules.localFirst(name) },
    {
      ...{ host, domain: configured.policy.clusterDomain, settings: configured.settings },
      nodeLocal: service.nodeLocal,
    },
  );
  return {
    ...{ envoyCluster, exists: true, labels, allowed, excluded },
    unknown: unknown !== undefined && (endpoints.length === 0 || service.headless),
    notes: [
      ...rules.notes,
      ...notes,
      ...(unknown === undefined ? [] : [unknown]),
      ...(open
        ? [
            `${host}: the caller obeys DestinationRules without the subset ${served}: istiod serves all endpoints`,
          ]
        : []),
    ],
  };
}

function hint(subset: string, { names }: Obeyed): string {
  const near = didYouMean(
    subset,
    names.filter((one) => one !== subset),
  );
  return near === undefined ? "" : ` (${near})`;
}

function rulesFor(host: string, port: number, home: string, configured: Configured): Obeyed {
  const { proxy, destinationRules, policy, rootNamespace } = configured;
  const about = { host, port, home, root: rootNamespace, domain: policy.clusterDomain };
  return obeyed(about, proxy, destinationRules);
}

/** An aggregate: the first that has a healthy endpoint. */
function inTurn(envoyCluster: string, all: readonly Upstream[]): Upstream {
  const answering = all.filter(({ allowed }) => allowed.length > 0);
  const allowed = answering.flatMap(({ allowed }, index) =>
    allowed.map((one) => ({ ...one, turn: index + 1 })),
  );
  const reached = new Set(allowed.map(({ cluster, address }) => `${cluster} ${address}`));
  return {
    envoyCluster,
    // It is our own, whatever is behind it.
    exists: true,
    labels: undefined,
    allowed,
    excluded: all
      .flatMap(({ excluded }) => excluded)
      .filter(({ cluster, address }) => !reached.has(`${cluster} ${address}`)),
    unknown: all.every(({ unknown }) => unknown),
    notes: all.flatMap(({ notes }) => notes),
  };
}
