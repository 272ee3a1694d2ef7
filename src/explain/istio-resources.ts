import { fieldsOf, itemsOf, textOf, textsOf } from "../input/loose.ts";
import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { byAge } from "../istio/visibility.ts";
import { hostsOf, patternsOf } from "../policy/pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { generateIstio, type IstioOutput } from "../targets/istio/index.ts";
import type { IstioOptions } from "../targets/istio/options.ts";

/** The part of generate's options on which an answer depends. */
export interface ExplainOptions {
  routing?: IstioOptions["routing"] | undefined;
  rootNamespace?: string | undefined;
}

/** As for `generate istio`, whose defaults these are; the filter is taken to be there. */
export function optionsFrom({
  routing = "auto",
  rootNamespace = "istio-system",
}: ExplainOptions = {}): IstioOptions {
  return {
    ...{ routing, rootNamespace, pluginApi: "wasmplugin" },
    ...{ image: "file:///plugin.wasm", failClosed: false },
  };
}

/** A VirtualService or DestinationRule, of the user's or generated. */
export type Resource = Pick<KubeObject, "kind" | "namespace" | "name" | "spec">;

/** Objects of ours: generated, or applied by an earlier run. */
export interface Ours {
  destinationRules: Resource[];
  envoyFilters: Resource[];
  /** MeshConfig's serviceSettings. */
  settings: unknown[];
}

/** The resources that concern a request; the oldest first, as istiod sorts them. */
export interface Resources {
  virtualServices: KubeObject[];
  /** Of the user's. */
  destinationRules: Resource[];
  generated: Ours;
  /** What an earlier run made; undefined where the inventory has nothing of it. */
  applied: Ours | undefined;
  leftOut: IstioOutput["leftOut"];
}

/**
 * @param near the VirtualServices by which the request may be routed
 * @param named what the request names, where that is a service, and what routes of the Gateway API lead to
 */
export function resourcesFor(
  policy: Policy,
  inventory: Inventory,
  options: IstioOptions,
  near: readonly KubeObject[],
  named: readonly string[],
): Resources {
  const all = withDelegates(near, inventory.virtualServices);
  const hosts = new Set([...named, ...all.flatMap((one) => destinationsOf(one, policy.clusterDomain))]);
  const { clusterDomain } = policy;
  const routes = withDelegates(
    [...all, ...leadingTo(hosts, inventory, clusterDomain)],
    inventory.virtualServices,
  );
  const routed = routes.flatMap((one) =>
    textsOf(one.spec.hosts).map((host) => resolveHost(host, one.namespace, clusterDomain)),
  );
  const [exact, wide] = [new Set(routed), routed.filter((host) => host.startsWith("*"))];
  const isNear = (host: string) =>
    hosts.has(host) || exact.has(host) || wide.some((one) => covers(one, host));
  const services = new Map([...inventory.services].filter(([host]) => isNear(host)));
  // What concerns other services need not be generated.
  const there = { ...inventory, services, virtualServices: routes, ours: [] };
  const output = generateIstio(concerning(hosts, policy), there, options);
  const made = output.resources.map(({ kind, metadata: { namespace, name }, spec }) => ({
    ...{ kind, namespace, name, spec },
  }));
  return {
    virtualServices: all.sort(byAge),
    destinationRules: [...inventory.destinationRules].sort(byAge),
    generated: oursIn(made, itemsOf(output.meshConfig?.serviceSettings)),
    applied: inventory.ours.length > 0 ? oursIn([...inventory.ours].sort(byAge), []) : undefined,
    leftOut: output.leftOut,
  };
}

function oursIn(all: readonly Resource[], settings: unknown[]): Ours {
  return {
    destinationRules: all.filter(({ kind }) => kind === "DestinationRule"),
    envoyFilters: all.filter(({ kind }) => kind === "EnvoyFilter"),
    settings,
  };
}

/** The routes of other hosts that lead to these: for one that no patch can find, the service is left out. */
function leadingTo(hosts: ReadonlySet<string>, { virtualServices }: Inventory, domain: string): KubeObject[] {
  const leading = virtualServices.filter((one) =>
    destinationsOf(one, domain).some((host) => hosts.has(host)),
  );
  const names = new Set(leading.map(({ namespace, name }) => `${namespace}/${name}`));
  const roots = virtualServices.filter((one) => delegatesOf(one).some((name) => names.has(name)));
  return [...leading, ...roots];
}

/** Also those that they delegate to. */
function withDelegates(near: readonly KubeObject[], all: readonly KubeObject[]): KubeObject[] {
  const delegates = new Set(near.flatMap(delegatesOf));
  return [...new Set([...near, ...all.filter((one) => delegates.has(`${one.namespace}/${one.name}`))])];
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
