import { addressOf } from "../input/host.ts";
import { didYouMean } from "../input/nearest.ts";
import type { Caller, Endpoint, Mesh, Service } from "../inventory/model.ts";
import type { Policy } from "../policy/policy.ts";
import { clusterName } from "../targets/envoy/names.ts";
import { routedService } from "../targets/envoy/gateway.ts";
import { serviceAt } from "../targets/envoy/sidecar.ts";
import { QuestionError, unknownCluster, type Question } from "./question.ts";
import { divide, type Followed, type Pin, type View } from "./view.ts";

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
    caller?.kind === "gateway" ? gatewayRoute(caller, question, mesh) : sidecarRoute(question, mesh, domain);
  const envoyCluster = taken && clusterName(taken.service, domain);
  const virtualHost = taken && (caller?.kind === "gateway" ? caller.name : envoyCluster);
  return {
    via: "metadata",
    ...(caller && { caller: { namespace: caller.namespace, workload: caller.workload } }),
    unfiltered: caller?.plugin === false ? "the caller's proxy has no filter" : undefined,
    edge: caller?.kind === "gateway",
    ways: () => [{ facts: { envoyCluster, virtualHost }, share: 1, follow }],
  };

  function follow(pin: Pin): Followed {
    if (!taken)
      return {
        unrouted: true,
        endpoints: { allowed: [], excluded: [] },
        notes: [noRoute(question, caller, mesh, domain)],
      };
    const asked =
      pin.cluster === undefined && pin.order === undefined ? { ...pin, cluster: taken.cluster } : pin;
    const endpoints = divide(taken.service.endpoints.map(told), asked);
    return {
      route: { in: `virtual host ${virtualHost!}`, envoyClusters: [envoyCluster!] },
      subset: subsetOf(asked),
      endpoints: { ...endpoints, excluded: endpoints.excluded.map((one) => because(one, asked, pin)) },
      notes: [],
    };
  }
}

/** Where a gateway's own route names the cluster, that is the reason. */
function because<E extends { why: string; cluster: string }>(endpoint: E, asked: Pin, pin: Pin): E {
  if (asked === pin) return endpoint;
  return { ...endpoint, why: `in ${endpoint.cluster}; the gateway's route asks for ${asked.cluster!}` };
}

/** What the subset load balancer looks for: the endpoints' metadata `envoy.lb`. */
function subsetOf({ cluster, order }: Pin): Record<string, string> | undefined {
  if (cluster !== undefined) return { cluster };
  return order && { fallback_list: order.join(", ") };
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

interface Taken {
  service: Service;
  /** The cluster that the route itself asks for. */
  cluster?: string | undefined;
}

function sidecarRoute({ host, caller }: Question, mesh: Mesh, domain: string): Taken | undefined {
  const service = serviceAt(host, caller?.namespace.toLowerCase() ?? "", mesh.services, domain);
  return service && { service };
}

/** The first route whose path takes the request; Envoy looks at the path without its query. */
function gatewayRoute(caller: Caller, { path = "/" }: Question, mesh: Mesh): Taken | undefined {
  const whole = path.split("?", 1)[0]!;
  const route = caller.routes.find(({ match: { exact, prefix } }) =>
    exact === undefined ? whole.startsWith(prefix ?? "/") : whole === exact,
  );
  return route && { service: routedService(route, mesh.services), cluster: route.cluster };
}

function noRoute(question: Question, caller: Caller | undefined, mesh: Mesh, domain: string): string {
  const { host, caller: asked, path = "/" } = question;
  if (caller?.kind === "gateway") return `no route of the gateway takes ${path}: Envoy answers 404`;
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const none = `no service of the inventory is called ${host}: Envoy answers 404`;
  const ports = mesh.services
    .filter((one) => one.name === name.split(".", 1)[0])
    .filter(({ port }) => sidecarRoute({ ...question, host: `${name}:${port}` }, mesh, domain))
    .map(({ port }) => port);
  if (ports.length > 0) return `${none}; ${name} has port ${[...new Set(ports)].join(", ")}`;
  if (!host.includes(".") && asked === undefined)
    return `${none}; a short name needs --caller, whose namespace completes it`;
  const names = mesh.services.flatMap((one) => [one.name, `${one.name}.${one.namespace}`]);
  const hint = didYouMean(name, names);
  return hint === undefined ? none : `${none} (${hint})`;
}
