import type { Inventory } from "../inventory/kubernetes/model.ts";
import { hostOf, type Mesh } from "../inventory/model.ts";
import type { Policy } from "../policy/policy.ts";

/** Whose requests are compared. */
export interface CallerClass {
  cluster: string;
  /** How people call it: `default/productpage-v1`, `payments/*`, `any other`. */
  name: string;
  /** Somebody of this class. */
  caller: { namespace: string; workload: string };
  /** What it may call, each with a path by which a gateway's route is found. */
  targets: readonly Target[];
}

export interface Target {
  /** `default/reviews:9080`. */
  name: string;
  /** The whole name of the service, in lower case. */
  service: string;
  /** The Host header. */
  host: string;
  /** Gateways: what leads to the route. */
  path?: string;
}

/** The callers of an inventory that have the filter. */
export function meshCallers(mesh: Mesh, clusterDomain: string): CallerClass[] {
  const all = mesh.services.map((service) => {
    const host = hostOf(service, clusterDomain);
    const name = `${service.namespace}/${service.name}:${service.port}`;
    return { name, service: host, host: `${host}:${service.port}` };
  });
  return mesh.callers
    .filter(({ plugin }) => plugin)
    .map(({ cluster, namespace, workload, kind, routes }) => ({
      cluster,
      name: `${namespace}/${workload}`,
      caller: { namespace, workload },
      targets: kind === "sidecar" ? all : routes.flatMap((route) => routed(route, clusterDomain)),
    }));
}

function routed({ match, to }: Mesh["callers"][number]["routes"][number], domain: string): Target[] {
  const path = match.exact ?? match.prefix ?? "/";
  return to.map(({ service }) => {
    const host = hostOf(service, domain);
    return { name: `${service.namespace}/${service.name} by ${path}`, service: host, host, path };
  });
}

/**
 * Kubernetes resources do not tell who calls: there is one class for each caller that a rule of either policy names, and one
 * for all others, in every cluster.
 */
export function kubernetesCallers(
  { services }: Inventory,
  policies: readonly Policy[],
  clusters: readonly string[],
): CallerClass[] {
  const targets = [...services.values()]
    .filter(({ external }) => !external)
    .flatMap(({ namespace, name, host, ports }) =>
      ports
        .filter(({ kind }) => kind !== "not-http")
        .map(({ number }) => ({
          name: `${namespace}/${name}:${number}`,
          ...{ service: host, host: `${host}:${number}` },
        })),
    );
  const named = policies.flatMap(({ rules, override }) => [
    ...rules.flatMap(({ callers = [] }) => callers),
    ...(override?.from ?? []).map((namespace) => `${namespace}/*`),
  ]);
  const classes = [...new Set(named)]
    .filter((text) => text !== "*/*")
    .map((text) => ({ name: text, caller: sample(text) }));
  const others = { name: "any other caller", caller: { namespace: OTHER, workload: OTHER } };
  return clusters.flatMap((cluster) => [...classes, others].map((one) => ({ ...one, cluster, targets })));
}

/** A name that no rule is likely to have. */
const OTHER = "any-other-caller";

/** A caller that a pattern takes, and that one with a longer beginning does not. */
function sample(text: string): CallerClass["caller"] {
  const [namespace, workload] = text
    .toLowerCase()
    .split("/")
    .map((part) => (part === "*" ? OTHER : part.replace(/\*$/, "x"))) as [string, string];
  return { namespace, workload };
}
