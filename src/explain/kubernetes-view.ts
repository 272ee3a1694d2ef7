import { didYouMean } from "../input/nearest.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { KubeService } from "../inventory/kubernetes/services.ts";
import { admitsCaller } from "../policy/conditions.ts";
import type { Policy } from "../policy/policy.ts";
import { gatewayCallers, namesGateway } from "../targets/istio/gateways.ts";
import { followRoutes, withoutRoutes } from "./istio-routes.ts";
import type { Question } from "./question.ts";
import { NOTHING_KNOWN, type View } from "./view.ts";

/** MeshConfig's rootNamespace, unless the mesh says otherwise. */
export const ROOT_NAMESPACE = "istio-system";

/**
 * The ways of requests through the proxies of an Istio mesh that has what `generate istio` makes (routing virtual-service).
 *
 * @param routes follow the VirtualServices; otherwise only which clusters' endpoints may answer is told, much sooner
 */
export function kubernetesViews(
  policy: Policy,
  inventory: Inventory,
  routes: boolean,
): (question: Question) => View {
  if (inventory.services.size === 0) return () => ({ ...NOTHING_KNOWN, via: "route" });
  const gateways = gatewayCallers(inventory, ROOT_NAMESPACE);
  return (question) => {
    const unfiltered = gatewayReason(question, policy, gateways);
    const { name, port } = split(question.host);
    const names = namesOf(name, question.caller?.namespace, policy.clusterDomain.toLowerCase());
    const service = names.map((host) => inventory.services.get(host)).find((one) => one !== undefined);
    const entry = names.find((host) => inventory.serviceEntries.has(host));
    if (!service && entry === undefined) return { ...passedThrough(question, name, inventory), unfiltered };
    const known = service?.ports.find(({ number }) => port === undefined || number === port);
    if (service && service.ports.length > 0 && !known) return { ...otherPort(question, service), unfiltered };
    const host = service?.host ?? entry!;
    const number = port ?? known?.number ?? 80;
    const routed = { question, policy, inventory, host, port: number };
    return {
      facts: { envoyCluster: `outbound|${number}||${host}`, virtualHost: `${host}:${number}` },
      via: "route",
      unfiltered: known?.kind === "not-http" ? "its port is not HTTP, and passes the filter by" : unfiltered,
      edge: false,
      follow: (pin) => {
        const followed = routes ? followRoutes(routed, pin) : withoutRoutes(routed, pin);
        return service
          ? followed
          : { ...followed, notes: [...followed.notes, `${host} is of a ServiceEntry`] };
      },
    };
  };
}

/** Rules are for a gateway only when their callers name it (src/targets/istio/gateways.ts). */
function gatewayReason(
  { caller }: Question,
  { rules }: Policy,
  gateways: readonly string[],
): string | undefined {
  if (!caller || !admitsCaller({ callers: [...gateways] }, caller)) return undefined;
  if (rules.some((rule) => namesGateway(rule, gateways))) return undefined;
  return "the caller is a gateway, and no rule's callers name it";
}

/** What Istio does with hosts that it does not know, unless outboundTrafficPolicy says otherwise. */
function passedThrough({ host, caller }: Question, name: string, { services }: Inventory): View {
  const options = [...services.values()].flatMap((one) => [
    ...(caller?.namespace === one.namespace ? [one.name] : []),
    `${one.name}.${one.namespace}`,
    one.host,
  ]);
  const hint = didYouMean(name, options);
  const short =
    !name.includes(".") && !caller ? "; a short name needs --caller, whose namespace completes it" : "";
  const note = `no service of the inventory is called ${host}: Istio passes the request through${short}`;
  return {
    ...PASSTHROUGH,
    follow: () => ({
      endpoints: { allowed: [], excluded: [] },
      notes: [hint === undefined ? note : `${note} (${hint})`],
    }),
  };
}

/** A port that the service does not have is none that Istio knows. */
function otherPort({ host }: Question, { namespace, name, ports }: KubeService): View {
  const note = `${host}: ${namespace}/${name} has port ${ports.map(({ number }) => number).join(", ")}; Istio passes the request through`;
  return { ...PASSTHROUGH, follow: () => ({ endpoints: { allowed: [], excluded: [] }, notes: [note] }) };
}

const PASSTHROUGH = {
  facts: { envoyCluster: "PassthroughCluster", virtualHost: "allow_any" },
  via: "route",
  edge: false,
} as const;

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
