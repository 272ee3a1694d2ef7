import { addressOf } from "../input/host.ts";
import { didYouMean } from "../input/nearest.ts";
import type { Caller, Destination, Endpoint, Mesh } from "../inventory/model.ts";
import type { Policy } from "../policy/policy.ts";
import { authorityOf, clusterName, UNKNOWN_PIN } from "../targets/envoy/names.ts";
import { subsetOf } from "../targets/envoy/pins.ts";
import { serviceAt } from "../targets/envoy/sidecar.ts";
import { QuestionError, unknownCluster, type Question } from "./question.ts";
import { divide, type Followed, type Pin, type View, type Way } from "./view.ts";

/** The way of a request through the Envoys that `generate envoy` makes of an inventory. Throws QuestionError. */
export function meshView(question: Question, policy: Policy, mesh: Mesh): View {
  if (!mesh.clusters.includes(question.cluster))
    throw new QuestionError(
      "cluster",
      `${unknownCluster(question.cluster, mesh.clusters)}, in the inventory`,
    );
  const caller = callerOf(question, mesh);
  const domain = policy.clusterDomain.toLowerCase();
  const taken =
    caller?.kind === "gateway" ? gatewayRoute(caller, question) : sidecarRoute(question, mesh, domain);
  return {
    ...(caller && { caller: { namespace: caller.namespace, workload: caller.workload } }),
    unfiltered: caller?.plugin === false ? "the caller's proxy has no filter" : undefined,
    edge: caller?.kind === "gateway",
    ways: () => waysOf(taken),
  };

  function waysOf(taken: Taken | undefined): Way[] {
    if (!taken || "status" in taken) return [{ facts: {}, share: 1, follow: () => answered(taken) }];
    const sum = taken.to.reduce((total, { weight }) => total + weight, 0);
    return taken.to
      .filter(({ weight }) => weight > 0)
      .map((to) => {
        const virtualHost = caller?.kind === "gateway" ? caller.name : authorityOf(to.service, domain);
        const envoyCluster = clusterName(to.service, domain, to.cluster);
        const follow = (pin: Pin) => followed(to, pin, virtualHost, domain);
        return { facts: { envoyCluster, virtualHost }, share: to.weight / sum, follow };
      });
  }

  function answered(taken: { status: number } | undefined): Followed {
    const none = { endpoints: { allowed: [], excluded: [] } };
    if (taken) return { ...none, ...taken, notes: ["the route answers with a redirect"] };
    return { ...none, unrouted: true, notes: [noRoute(question, caller, mesh, domain)] };
  }
}

/** What the route knows of the pin: a cluster that it names itself stays, and a pin elsewhere leads to nobody. */
function followed(
  { service, cluster: only }: Destination,
  pin: Pin,
  virtualHost: string,
  domain: string,
): Followed {
  const all = service.endpoints.map(told);
  const pinned = divide(all, pin);
  const allowed = pinned.allowed.filter(({ cluster }) => only === undefined || cluster === only);
  const others = pinned.allowed.filter((endpoint) => !allowed.includes(endpoint));
  const excluded = [
    ...pinned.excluded,
    ...others.map((one) => ({ ...one, why: `in ${one.cluster}; the gateway's route asks for ${only!}` })),
  ];
  const subset = pin.value === undefined ? (only ?? "") : subsetOf(pin.value, only);
  const envoyCluster = subset === undefined ? UNKNOWN_PIN : clusterName(service, domain, subset);
  return {
    route: { in: `virtual host ${virtualHost}`, envoyClusters: [envoyCluster] },
    endpoints: { allowed, excluded },
    notes: [],
  };
}

function told({ cluster, host, port, labels }: Endpoint) {
  return { cluster, address: addressOf(host, port), ...(Object.keys(labels).length > 0 && { labels }) };
}

/** The caller that the question names, by its workload or its own name; undefined when it names none. */
function callerOf({ cluster, caller }: Question, mesh: Mesh): Caller | undefined {
  if (!caller) return undefined;
  const here = mesh.callers.filter((one) => one.cluster === cluster);
  const found = here.find(
    ({ namespace, workload, name }) =>
      namespace === caller.namespace.toLowerCase() &&
      (workload === caller.workload || name === caller.workload),
  );
  if (found) return found;
  const names = here.map(({ namespace, workload }) => `${namespace}/${workload}`);
  const text = `${caller.namespace}/${caller.workload}`;
  const hint = didYouMean(text, names);
  const allowed =
    names.length === 0 ? "the inventory has none there" : `allowed: ${names.slice(0, 20).join(", ")}`;
  throw new QuestionError(
    "caller",
    `found "${text}", which is no caller in ${cluster}, ${allowed}${hint === undefined ? "" : ` (${hint})`}`,
  );
}

/** Where the route leads, or what it answers by itself. */
type Taken = { to: readonly Destination[] } | { status: number };

function sidecarRoute({ host, caller }: Question, mesh: Mesh, domain: string): Taken | undefined {
  const service = serviceAt(host, caller?.namespace.toLowerCase() ?? "", mesh.services, domain);
  return service && { to: [{ path: [], service, cluster: undefined, weight: 1 }] };
}

/** The first route whose path takes the request; Envoy looks at the path without its query. */
function gatewayRoute(caller: Caller, { path = "/" }: Question): Taken | undefined {
  const whole = path.split("?", 1)[0]!;
  const route = caller.routes.find(({ match: { exact, prefix } }) =>
    exact === undefined ? whole.startsWith(prefix ?? "/") : whole === exact,
  );
  return route && (route.redirect ? { status: route.redirect.code ?? 301 } : { to: route.to });
}

function noRoute(question: Question, caller: Caller | undefined, mesh: Mesh, domain: string): string {
  const { host, path = "/" } = question;
  if (caller?.kind === "gateway") return `no route of the gateway takes ${path}: Envoy answers 404`;
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const none = `no service of the inventory is called ${host}: Envoy answers 404`;
  const ports = mesh.services
    .filter((one) => one.name === name.split(".", 1)[0])
    .filter(({ port }) => sidecarRoute({ ...question, host: `${name}:${port}` }, mesh, domain))
    .map(({ port }) => port);
  if (ports.length > 0) return `${none}; ${name} has port ${[...new Set(ports)].join(", ")}`;
  const names = mesh.services.flatMap((one) => [one.name, `${one.name}.${one.namespace}`]);
  const hint = didYouMean(name, names);
  return hint === undefined ? none : `${none} (${hint})`;
}
