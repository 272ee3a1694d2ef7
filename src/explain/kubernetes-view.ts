import { didYouMean } from "../input/nearest.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Policy } from "../policy/policy.ts";
import type { Question } from "./question.ts";
import { divide, NOTHING_KNOWN, type View } from "./view.ts";

/** The way of a request through the sidecars of an Istio mesh, with the filter's pin as `generate istio` routes it. */
export function kubernetesView(question: Question, policy: Policy, inventory: Inventory): View {
  if (inventory.services.size === 0) return { ...NOTHING_KNOWN, via: "route" };
  const domain = policy.clusterDomain.toLowerCase();
  const { name, port } = split(question.host);
  const service = namesOf(name, question.caller?.namespace, domain)
    .map((host) => inventory.services.get(host))
    .find((one) => one !== undefined);
  if (!service) {
    const hint = didYouMean(name, [
      ...inventory.services.keys(),
      ...[...inventory.services.values()].map(({ name }) => name),
    ]);
    const notes = [
      `no service of the inventory is called ${question.host}${hint ? ` (${hint})` : ""}: Istio passes the request through`,
    ];
    return {
      facts: { envoyCluster: "PassthroughCluster", virtualHost: "allow_any" },
      via: "route",
      filtered: true,
      edge: false,
      follow: () => ({ endpoints: { allowed: [], excluded: [] }, notes }),
    };
  }
  const number = port ?? service.ports[0]?.number ?? 80;
  const envoyCluster = `outbound|${number}||${service.host}`;
  return {
    facts: { envoyCluster, virtualHost: `${service.host}:${number}` },
    via: "route",
    filtered: true,
    edge: false,
    follow: (pin) => ({
      route: {
        in: pin.cluster === undefined ? `${service.host}:${number}` : "VirtualService",
        envoyClusters: [
          pin.cluster === undefined ? envoyCluster : `outbound|${number}|${pin.cluster}|${service.host}`,
        ],
      },
      subset: pin.cluster === undefined ? undefined : { "topology.istio.io/cluster": pin.cluster },
      endpoints: divide([], pin),
      notes: [],
    }),
  };
}

function split(host: string): { name: string; port: number | undefined } {
  const [, name = host, port] = /^(.*?)\.?(?::(\d+))?$/.exec(host.toLowerCase()) ?? [];
  return { name, port: port === undefined ? undefined : Number(port) };
}

/** The services that a Host header may stand for, as Istio's virtual hosts list their domains. */
function namesOf(name: string, namespace: string | undefined, domain: string): string[] {
  const labels = name.split(".");
  if (labels.length === 1)
    return namespace === undefined ? [] : [`${name}.${namespace.toLowerCase()}.svc.${domain}`];
  if (labels.length === 2) return [`${name}.svc.${domain}`, name];
  if (labels.length === 3 && labels[2] === "svc") return [`${name}.${domain}`, name];
  return [name];
}
