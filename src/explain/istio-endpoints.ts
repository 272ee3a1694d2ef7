import { CLUSTER_LABEL } from "../istio/names.ts";
import { fieldsOf, textsOf } from "../input/loose.ts";
import { covers } from "../inventory/kubernetes/hosts.ts";
import type { KubeEndpoint } from "./kubernetes-endpoints.ts";
import type { EndpointTold, ExcludedEndpoint } from "./view.ts";

/** Which endpoints of a service a destination asks for. */
export interface Wanted {
  /** Of the subset. */
  labels: Readonly<Record<string, string>> | undefined;
  /** The caller's cluster. */
  home: string;
  /** Those of the caller's cluster come first, and all others when these are down. */
  localFirst: boolean;
}

export interface DividedService {
  host: string;
  domain: string;
  /** See KubeService. */
  nodeLocal?: boolean | undefined;
  /** MeshConfig's serviceSettings. */
  settings?: readonly unknown[];
}

/** Divides the endpoints of a service into those that a destination leads to and the others. */
export function divide(
  endpoints: readonly KubeEndpoint[],
  { labels, home, localFirst }: Wanted,
  { host, domain, nodeLocal, settings = [] }: DividedService,
): { allowed: EndpointTold[]; excluded: ExcludedEndpoint[]; notes: string[] } {
  const { [CLUSTER_LABEL]: cluster, ...others } = labels ?? {};
  const asked = Object.entries(others);
  const allowed: EndpointTold[] = [];
  const excluded: ExcludedEndpoint[] = [];
  let guessed = false;
  // The cluster of the own node is all that can be told of nodes.
  const inEach = nodeLocal === true || isClusterLocal(host, domain, settings);
  for (const { ready, pod, ...endpoint } of endpoints) {
    const lacks = pod && asked.find(([key, value]) => pod[key] !== value);
    if (!ready) excluded.push({ ...endpoint, why: "not ready" });
    else if (endpoint.cluster !== home && inEach)
      excluded.push({ ...endpoint, why: `in ${endpoint.cluster}; Istio keeps ${host} in each cluster` });
    else if (cluster !== undefined && endpoint.cluster !== cluster)
      excluded.push({ ...endpoint, why: `in ${endpoint.cluster}; the route's subset is that of ${cluster}` });
    else if (lacks) excluded.push({ ...endpoint, why: `its pod has not ${lacks.join("=")}` });
    else {
      guessed ||= asked.length > 0 && pod === undefined;
      allowed.push(endpoint);
    }
  }
  // Where the caller's cluster has none, all others come first.
  const first = allowed.some(({ cluster }) => cluster === home) ? home : undefined;
  const turns = allowed.map((one) => ({
    ...one,
    turn: first === undefined || one.cluster === first ? 1 : 2,
  }));
  const ordered = localFirst ? turns.sort((a, b) => a.turn - b.turn) : allowed;
  const rest = asked.map(([key, value]) => `${key}=${value}`).join(", ");
  return {
    allowed: ordered,
    excluded,
    notes: guessed ? [`not known: which of these endpoints have ${rest}, for ${PODS}`] : [],
  };
}

const PODS = "the inventory has no Pods (kubectl get pods)";

/**
 * What Istio keeps in each cluster (pilot/pkg/model/cluster_local.go): by MeshConfig the most specific host, else of itself
 * some of Kubernetes' own.
 */
function isClusterLocal(host: string, domain: string, settings: readonly unknown[]): boolean {
  const asked = settings
    .map(fieldsOf)
    .flatMap(({ settings: one, hosts }) =>
      textsOf(hosts).map((name) => ({ name, local: fieldsOf(one).clusterLocal === true })),
    )
    .filter(({ name }) => covers(name, host))
    .sort((a, b) => Number(b.name === host) - Number(a.name === host) || b.name.length - a.name.length);
  const own = host.endsWith(`.kube-system.svc.${domain}`) || host === `kubernetes.default.svc.${domain}`;
  return asked[0]?.local ?? own;
}
