import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { hostsOf, patternsOf } from "../policy/pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { generateIstio } from "../targets/istio/index.ts";
import { CLUSTER_LABEL, type IstioOptions } from "../targets/istio/options.ts";
import type { Resource as Generated } from "../targets/istio/resource.ts";

/** MeshConfig's rootNamespace, unless the mesh says otherwise. */
export const ROOT_NAMESPACE = "istio-system";

const OPTIONS: IstioOptions = {
  ...{ routing: "virtual-service", native: "cluster-local", pluginApi: "wasmplugin" },
  ...{ image: "file:///plugin.wasm", failClosed: false, clusterLabel: CLUSTER_LABEL },
  rootNamespace: ROOT_NAMESPACE,
};

/** A VirtualService or DestinationRule, of the user's or generated. */
export interface Resource extends Pick<KubeObject, "kind" | "namespace" | "name" | "spec"> {
  /** When it was made; empty where that is not known. What is generated is younger than all else. */
  created: string;
}

export interface Resources {
  virtualServices: Resource[];
  destinationRules: Resource[];
  notes: string[];
}

/**
 * The resources of the user's that concern a request, or what is generated in their place, and those that are generated
 * beside them; the oldest first, as istiod sorts them.
 *
 * @param near the VirtualServices by which the request may be routed
 * @param host what the request names, where that is a service
 */
export function resourcesFor(
  policy: Policy,
  inventory: Inventory,
  near: readonly KubeObject[],
  host?: string,
): Resources {
  const domain = policy.clusterDomain;
  const all = withDelegates(near, inventory.virtualServices);
  const hosts = new Set([
    ...(host === undefined ? [] : [host]),
    ...all.flatMap((one) => destinationsOf(one, domain)),
  ]);
  const services = new Map(
    [...hosts].flatMap((name) => inventory.services.get(name) ?? []).map((one) => [one.host, one]),
  );
  // What concerns other services need not be generated.
  const there = {
    ...inventory,
    services,
    virtualServices: all,
    ours: [],
    workloads: new Map<string, never>(),
  };
  const output = generateIstio(concerning(hosts, policy), there, OPTIONS);
  const users = [...all, ...inventory.destinationRules];
  const created = new Map(users.map((one) => [titleOf(one), createdAt(one)]));
  const made = output.resources.map((one) => resourceOf(one, created));
  const titles = new Set(made.map(titleOf));
  const kept = users
    .filter((one) => !titles.has(titleOf(one)))
    .map(({ kind, namespace, name, spec, ...rest }) => ({
      ...{ kind, namespace, name, spec },
      created: createdAt({ kind, namespace, name, spec, ...rest }),
    }));
  const sorted = [...made, ...kept].sort(byAge);
  const [problem] = output.problems;
  return {
    virtualServices: sorted.filter(({ kind }) => kind === "VirtualService"),
    destinationRules: sorted.filter(({ kind }) => kind === "DestinationRule"),
    notes: problem
      ? [
          `not known: generate istio refuses these resources (${problem.file}: ${problem.path} ${problem.message})`,
        ]
      : [],
  };
}

function resourceOf(
  { kind, metadata: { namespace, name }, spec }: Generated,
  created: ReadonlyMap<string, string>,
): Resource {
  const resource = { kind, namespace, name, spec };
  return { ...resource, created: created.get(titleOf(resource)) ?? "9" };
}

function createdAt({ fields }: KubeObject): string {
  return textOf(fieldsOf(fields.metadata).creationTimestamp) ?? "";
}

/** istiod's order (sortConfigByCreationTime): of two of the same second, by their names. */
function byAge(a: Resource, b: Resource): number {
  const key = ({ created, name, namespace }: Resource) => `${created} ${name}.${namespace}`;
  return key(a) < key(b) ? -1 : 1;
}

/** Also those that they delegate to, and all others which delegate to these: what is woven depends on them. */
function withDelegates(near: readonly KubeObject[], all: readonly KubeObject[]): KubeObject[] {
  const delegates = new Set(near.flatMap(delegatesOf));
  if (delegates.size === 0) return [...near];
  const found = new Set(near);
  for (const one of all)
    if (delegates.has(`${one.namespace}/${one.name}`) || delegatesOf(one).some((name) => delegates.has(name)))
      found.add(one);
  return [...found];
}

function delegatesOf({ spec, namespace }: KubeObject): string[] {
  return itemsOf(spec.http)
    .map((http) => fieldsOf(fieldsOf(http).delegate))
    .filter(({ name }) => name !== undefined)
    .map((one) => `${textOf(one.namespace) ?? namespace}/${String(one.name)}`);
}

/** The policy without the rules that name none of these hosts. */
function concerning(hosts: ReadonlySet<string>, policy: Policy): Policy {
  const { clusterDomain, rules } = policy;
  const named = patternsOf(rules).filter((pattern) => {
    const written = hostsOf(pattern, clusterDomain);
    return (
      hosts.has(written) || (written.startsWith("*") && [...hosts].some((host) => covers(written, host)))
    );
  });
  const kept = new Set(named.map(({ rule }) => rule));
  return { ...policy, rules: rules.filter((_, index) => kept.has(index)) };
}

function destinationsOf({ spec, namespace }: KubeObject, domain: string): string[] {
  return itemsOf(spec.http)
    .flatMap((http) => itemsOf(fieldsOf(http).route))
    .map((one) => textOf(fieldsOf(fieldsOf(one).destination).host) ?? "")
    .map((host) => resolveHost(host, namespace, domain));
}

/** Whether callers of a namespace see a resource. */
export function isVisible({ spec: { exportTo }, namespace }: Resource, caller: string): boolean {
  const to = exportedTo(exportTo, namespace);
  return to.length === 0 || to.includes("*") || to.includes(caller);
}

/** The namespaces of an exportTo, `.` resolved. */
export function exportedTo(exportTo: Fields[string], namespace: string): string[] {
  return textsOf(exportTo).map((one) => (one === "." ? namespace : one));
}
