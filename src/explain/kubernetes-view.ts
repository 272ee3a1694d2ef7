import { didYouMean } from "../input/nearest.ts";
import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { fieldsOf, itemsOf, textOf, textsOf } from "../input/loose.ts";
import type { KubeService } from "../inventory/kubernetes/services.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { MESH } from "../istio/names.ts";
import { importsOf } from "../istio/sidecars.ts";
import { exportedTo, isVisible } from "../istio/visibility.ts";
import type { Policy } from "../policy/policy.ts";
import { apiServices, type ApiService } from "./gateway-api.ts";
import type { IstioOptions } from "../targets/istio/options.ts";
import { gatewayRouted, gatewaysOf } from "./istio-gateway.ts";
import type { IstioProxy } from "./istio-match.ts";
import { filterAt, rulesAt } from "./istio-filter.ts";
import type { PatchedProxy } from "./istio-patches.ts";
import { Mesh } from "./istio-resources.ts";
import { waysOf, type Routed } from "./istio-routes.ts";
import { sidecarRoutes } from "./istio-virtual-services.ts";
import { withoutRoutes } from "./kubernetes-services.ts";
import { QuestionError, type Question } from "./question.ts";
import { NOTHING_KNOWN, type View, type Way } from "./view.ts";

/**
 * The ways of requests through the proxies of an Istio mesh that has what `generate istio` makes.
 *
 * @param routes follow the routes; otherwise only which clusters' endpoints may answer is told, much sooner
 */
export function kubernetesViews(
  policy: Policy,
  inventory: Inventory,
  options: IstioOptions,
  routes: boolean,
): (question: Question) => View {
  let mesh: Mesh | undefined;
  if (inventory.services.size === 0) return () => NOTHING_KNOWN;
  const filtered = filterAt(policy, inventory, options);
  const rules = rulesAt(policy, inventory, options.rootNamespace);
  return (question) => {
    const { caller } = question;
    const gateways = caller && routes ? gatewaysOf(caller, inventory) : [];
    const view = { rules: caller && rules(caller), edge: gateways.length > 0 };
    const unfiltered = caller && filtered(caller);
    if (caller && gateways.length > 0) {
      const proxy = {
        cluster: question.cluster,
        namespace: caller.namespace,
        labels: labelsOf(question, inventory),
      };
      const routed = gatewayRouted(
        split(question.host),
        proxy,
        gateways,
        (mesh ??= new Mesh(policy, inventory, options)),
      );
      return { ...view, unfiltered, leftOut: mesh.leftOut, ways: (headers) => waysOf(routed, headers) };
    }
    const target = targetOf(question, policy, inventory);
    if (target.kind === "passed") return { ...view, unfiltered, ways: () => [passed(target.note)] };
    const { host, port, tcp } = target;
    if (!routes || tcp)
      return {
        ...view,
        unfiltered: tcp ? "its port is not HTTP, and passes the filter by" : unfiltered,
        ways: () => [withoutRoutes({ host, port, inventory, question })],
      };
    const context = view.rules ? "GATEWAY" : "SIDECAR_OUTBOUND";
    const { routed, note } = serviceRouted(
      question,
      { host, port },
      context,
      (mesh ??= new Mesh(policy, inventory, options)),
    );
    if (!routed) return { ...view, unfiltered, ways: () => [passed(note)] };
    const notes = [...routed.notes, ...(view.rules ? [UNKNOWN_GATEWAY] : [])];
    return {
      ...view,
      unfiltered,
      leftOut: mesh.leftOut,
      ways: (headers) => waysOf({ ...routed, notes }, headers),
    };
  };
}

const UNKNOWN_GATEWAY =
  "not known: which Gateways the caller serves; its routes are taken for those of a sidecar";

/**
 * The routes for a service, or why its requests are passed through.
 *
 * @param context of the patches that are for the caller's proxy
 */
function serviceRouted(
  question: Question,
  { host, port }: { host: string; port: number },
  context: PatchedProxy["context"],
  mesh: Mesh,
): { routed: Routed; note?: undefined } | { routed: undefined; note: string } {
  const { policy, inventory, options } = mesh;
  const domain = policy.clusterDomain;
  const near = inventory.virtualServices.filter(({ spec, namespace }) =>
    textsOf(spec.hosts).some((one) => covers(resolveHost(one, namespace, domain), host)),
  );
  const service = inventory.services.get(host);
  const caller = question.caller?.namespace;
  requireCaller(question, near, mesh, host);
  const labels = labelsOf(question, inventory);
  const who = { namespace: caller ?? "", labels };
  // Gateways have none.
  const sidecars = context === "GATEWAY" ? [] : inventory.sidecars;
  const imports = importsOf(sidecars, who, port, options.rootNamespace);
  const entry = inventory.serviceEntries.get(host);
  const home = service?.namespace ?? entry?.namespace;
  if (home !== undefined && (!imports.service(host, home) || (!service && !isVisible(entry!, caller ?? ""))))
    return { routed: undefined, note: `the caller does not see ${host}: Istio passes the request through` };
  const api = service ? apiServices(inventory.routes, service, port, caller, domain) : [];
  let led: Set<string> | undefined;
  const isImported = (to: string, namespace: string) =>
    imports.anywhere(to, namespace) ||
    (led ??= new Set([...mesh.ledBy(imports, who.namespace), ...legsOf(api, domain)])).has(to);
  const proxy: IstioProxy = {
    ...{ cluster: question.cluster, namespace: caller },
    ...{ labels, gateways: new Set([MESH]), port },
  };
  return {
    routed: {
      ...mesh.configured(proxy, context, isImported),
      ...{ host, virtualHost: `${host}:${port}`, notes: [...imports.notes, ...portNotes(service, port)] },
      routes: sidecarRoutes(host, mesh.virtualServices, api, imports, proxy, domain),
    },
  };
}

/** The hosts that routes of the Gateway API lead to. */
function legsOf(api: readonly ApiService[], domain: string): string[] {
  return api
    .flatMap(({ routes }) => routes)
    .flatMap(({ fields, namespace }) =>
      itemsOf(fields.route).map((one) =>
        resolveHost(textOf(fieldsOf(fieldsOf(one).destination).host) ?? "", namespace, domain),
      ),
    );
}

/** A caller decides which resources it sees: where that matters it has to be known. Throws QuestionError. */
function requireCaller(
  { caller }: Question,
  near: readonly KubeObject[],
  { policy, inventory, options }: Mesh,
  host: string,
): void {
  if (caller) return;
  const { destinationRules, sidecars, routes } = inventory;
  const service = inventory.services.get(host);
  const home = service?.namespace ?? inventory.serviceEntries.get(host)?.namespace;
  const asks = (one: KubeObject) =>
    exportedTo(one) !== undefined ||
    itemsOf(one.spec.http).some((http) =>
      itemsOf(fieldsOf(http).match).some((match) => {
        const { sourceLabels, sourceNamespace } = fieldsOf(match);
        return sourceLabels !== undefined || sourceNamespace !== undefined;
      }),
    );
  const ruling = destinationRules.filter(({ spec, namespace }) =>
    covers(resolveHost(textOf(spec.host) ?? "", namespace, policy.clusterDomain), host),
  );
  const forSidecars = near.filter(({ spec }) => {
    const gateways = textsOf(spec.gateways);
    return gateways.length === 0 || gateways.includes(MESH);
  });
  // Those of other namespaces are for the callers there.
  const isForSome = (one: KubeObject) =>
    exportedTo(one) !== undefined ||
    one.spec.workloadSelector !== undefined ||
    ![options.rootNamespace, home ?? one.namespace].includes(one.namespace);
  const isConsumers = ({ spec, namespace }: KubeObject) =>
    service !== undefined &&
    namespace !== home &&
    itemsOf(spec.parentRefs)
      .map(fieldsOf)
      .some((ref) => ref.kind === "Service" && ref.name === service.name && ref.namespace === home);
  const found = forSidecars.find(asks) ?? ruling.find(isForSome) ?? routes.find(isConsumers) ?? sidecars[0];
  if (found)
    throw new QuestionError(
      "caller",
      `missing, allowed: "namespace/workload", for whether ${titleOf(found)} counts depends on it`,
    );
}

const NODES =
  "not known: the caller's node, of which alone Istio gives it the endpoints (internalTrafficPolicy: Local)";

/** Istio matches endpoints to a service's port by its name. */
function portNotes(service: KubeService | undefined, port: number): string[] {
  const name = service?.ports.find(({ number }) => number === port)?.name;
  if (!service || name === undefined) return [];
  const has = ({ fields }: KubeObject) =>
    itemsOf(fields.ports).some((one) => (textOf(fieldsOf(one).name) ?? "") === name);
  const having = new Set(service.slices.filter(has).map(({ cluster }) => cluster));
  const clusters = [...new Set(service.slices.map(({ cluster }) => cluster))].filter(
    (cluster) => cluster !== undefined && !having.has(cluster),
  );
  return [
    ...(service.nodeLocal ? [NODES] : []),
    ...(clusters.length === 0
      ? []
      : [
          `its endpoints in ${clusters.join(", ")} have no port ${JSON.stringify(name)}, by which name Istio knows port ${port}`,
        ]),
  ];
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
  if (!name.includes(".") && !question.caller)
    throw new QuestionError(
      "caller",
      `missing, allowed: "namespace/workload", whose namespace completes the short name ${JSON.stringify(name)}`,
    );
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
  const note = `no service of the inventory is called ${host}: Istio passes the request through`;
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
