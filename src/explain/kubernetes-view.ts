import { didYouMean } from "../input/nearest.ts";
import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { fieldsOf, itemsOf, textsOf } from "../input/loose.ts";
import type { KubeService } from "../inventory/kubernetes/services.ts";
import type { Policy } from "../policy/policy.ts";
import { MESH } from "../istio/names.ts";
import { gatewayRouted, gatewaysOf } from "./istio-gateway.ts";
import type { IstioProxy } from "./istio-match.ts";
import { filterAt, rulesAt } from "./istio-filter.ts";
import { resourcesFor } from "./istio-resources.ts";
import { waysOf, type Routed } from "./istio-routes.ts";
import { sidecarRoutes } from "./istio-virtual-services.ts";
import { withoutRoutes } from "./kubernetes-services.ts";
import type { Question } from "./question.ts";
import { NOTHING_KNOWN, type View, type Way } from "./view.ts";

/**
 * The ways of requests through the proxies of an Istio mesh that has what `generate istio` makes (--routing auto).
 *
 * @param routes follow the VirtualServices; otherwise only which clusters' endpoints may answer is told, much sooner
 */
export function kubernetesViews(
  policy: Policy,
  inventory: Inventory,
  routes: boolean,
): (question: Question) => View {
  if (inventory.services.size === 0) return () => ({ ...NOTHING_KNOWN, via: "route" });
  const filtered = filterAt(policy, inventory);
  const rules = rulesAt(policy, inventory);
  return (question) => {
    const { caller } = question;
    const gateways = caller && routes ? gatewaysOf(caller, inventory) : [];
    const view = { via: "route" as const, rules: caller && rules(caller), edge: gateways.length > 0 };
    const unfiltered = caller && filtered(caller);
    if (caller && gateways.length > 0) {
      const proxy = {
        cluster: question.cluster,
        namespace: caller.namespace,
        labels: labelsOf(question, inventory),
      };
      const routed = gatewayRouted(split(question.host), proxy, gateways, policy, inventory);
      return { ...view, unfiltered, ways: (headers) => waysOf(routed, headers) };
    }
    const target = targetOf(question, policy, inventory);
    if (target.kind === "passed") return { ...view, unfiltered, ways: () => [passed(target.note)] };
    const { host, port, tcp } = target;
    const sidecar = routes ? sidecarRouted(question, host, port, policy, inventory) : undefined;
    const routed =
      sidecar && view.rules ? { ...sidecar, notes: [...sidecar.notes, UNKNOWN_GATEWAY] } : sidecar;
    return {
      ...view,
      unfiltered: tcp ? "its port is not HTTP, and passes the filter by" : unfiltered,
      ways: (headers) =>
        routed && !tcp ? waysOf(routed, headers) : [withoutRoutes({ host, port, inventory, question })],
    };
  };
}

const UNKNOWN_GATEWAY =
  "not known: which Gateways the caller serves; its routes are taken for those of a sidecar";

function sidecarRouted(
  question: Question,
  host: string,
  port: number,
  policy: Policy,
  inventory: Inventory,
): Routed {
  const domain = policy.clusterDomain;
  const near = inventory.virtualServices.filter(({ spec, namespace }) =>
    textsOf(spec.hosts).some((one) => covers(resolveHost(one, namespace, domain), host)),
  );
  const resources = resourcesFor(inventory, near);
  const proxy: IstioProxy = {
    ...{ cluster: question.cluster, namespace: question.caller?.namespace },
    ...{ labels: labelsOf(question, inventory), gateways: new Set([MESH]), port },
  };
  return {
    ...{ policy, inventory, proxy, resources, host },
    virtualHost: `${host}:${port}`,
    routes: sidecarRoutes(host, resources.virtualServices, proxy, domain),
    notes: [...resources.notes, ...gatewayApi(host, inventory)],
  };
}

/** Routes of the Gateway API for the service itself, which are not followed. */
function gatewayApi(host: string, { routes, services }: Inventory): string[] {
  const service = services.get(host);
  if (!service) return [];
  const found = routes.filter(({ spec, namespace }) =>
    itemsOf(spec.parentRefs)
      .map(fieldsOf)
      .some(
        (ref) =>
          ref.kind === "Service" &&
          ref.name === service.name &&
          (ref.namespace ?? namespace) === service.namespace,
      ),
  );
  return found.map(
    ({ kind, namespace, name }) =>
      `not known: where ${kind} ${namespace}/${name} leads; only VirtualServices are followed`,
  );
}

/** What is known of the labels of the caller's pod: what selects the pods of its workload, and what Istio adds. */
function labelsOf({ cluster, caller }: Question, { workloads }: Inventory): Record<string, string> {
  const known = caller && workloads.get(`${caller.namespace}/${caller.workload}`);
  return { ...known, "topology.istio.io/cluster": cluster };
}

type Target = { kind: "passed"; note: string } | { kind: "known"; host: string; port: number; tcp: boolean };

/** What the host of a question stands for. */
function targetOf(question: Question, policy: Policy, inventory: Inventory): Target {
  const { name, port } = split(question.host);
  const names = namesOf(name, question.caller?.namespace, policy.clusterDomain.toLowerCase());
  const service = names.map((host) => inventory.services.get(host)).find((one) => one !== undefined);
  const entry = names.find((host) => inventory.serviceEntries.has(host));
  if (!service && entry === undefined)
    return { kind: "passed", note: unknownHost(question, name, inventory) };
  const known = service?.ports.find(({ number }) => port === undefined || number === port);
  if (service && service.ports.length > 0 && !known)
    return { kind: "passed", note: otherPort(question, service) };
  const [first] = itemsOf(inventory.serviceEntries.get(entry ?? "")?.spec.ports).map(fieldsOf);
  return {
    ...{ kind: "known", host: service?.host ?? entry! },
    port: port ?? known?.number ?? Number(first?.number ?? 80),
    tcp: known?.kind === "not-http",
  };
}

/** What Istio does with hosts that it does not know, unless outboundTrafficPolicy says otherwise. */
function unknownHost({ host, caller }: Question, name: string, { services }: Inventory): string {
  const options = [...services.values()].flatMap((one) => [
    ...(caller?.namespace === one.namespace ? [one.name] : []),
    `${one.name}.${one.namespace}`,
    one.host,
  ]);
  const hint = didYouMean(name, options);
  const short =
    !name.includes(".") && !caller ? "; a short name needs --caller, whose namespace completes it" : "";
  const note = `no service of the inventory is called ${host}: Istio passes the request through${short}`;
  return hint === undefined ? note : `${note} (${hint})`;
}

/** A port that the service does not have is none that Istio knows. */
function otherPort({ host }: Question, { namespace, name, ports }: KubeService): string {
  return `${host}: ${namespace}/${name} has port ${ports.map(({ number }) => number).join(", ")}; Istio passes the request through`;
}

function passed(note: string): Way {
  return {
    facts: { envoyCluster: "PassthroughCluster", virtualHost: "allow_any" },
    share: 1,
    follow: () => ({ endpoints: { allowed: [], excluded: [] }, notes: [note] }),
  };
}

function split(host: string): { name: string; port: number | undefined } {
  const [, name = host, port] = /^(.*?)\.?(?::(\d+))?$/.exec(host.toLowerCase()) ?? [];
  return { name, port: port === undefined ? undefined : Number(port) };
}

/** The whole names that a Host header may stand for, as Istio's virtual hosts list their domains. */
function namesOf(name: string, namespace: string | undefined, domain: string): string[] {
  const labels = name.split(".");
  if (labels.length === 1)
    return namespace === undefined ? [] : [`${name}.${namespace.toLowerCase()}.svc.${domain}`];
  if (labels.length === 2) return [`${name}.svc.${domain}`, name];
  if (labels.length === 3 && labels[2] === "svc") return [`${name}.${domain}`, name];
  return [name];
}
