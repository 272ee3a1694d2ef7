import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { hostsOf, patternsOf } from "../policy/pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { generateIstio } from "../targets/istio/index.ts";
import { CLUSTER_LABEL, type IstioOptions } from "../targets/istio/options.ts";
import { MESH } from "../targets/istio/scope.ts";
import type { Question } from "./question.ts";

/** A request whose service is known. */
export interface RoutedQuestion {
  question: Question;
  policy: Policy;
  inventory: Inventory;
  /** The whole name. */
  host: string;
  port: number;
}

const OPTIONS: IstioOptions = {
  ...{ routing: "virtual-service", native: "cluster-local", pluginApi: "wasmplugin" },
  ...{
    image: "file:///plugin.wasm",
    failClosed: false,
    clusterLabel: CLUSTER_LABEL,
    rootNamespace: "istio-system",
  },
};

/** A VirtualService or DestinationRule, of the user's or generated. */
export type Resource = Pick<KubeObject, "kind" | "namespace" | "name" | "spec">;

/** Those of the user's, or what is generated in their place, and those that are generated beside them. */
export function resourcesFor({ policy, inventory, host }: RoutedQuestion): Resource[] {
  const domain = policy.clusterDomain;
  const near = inventory.virtualServices.filter(({ spec, namespace }) =>
    textsOf(spec.hosts).some((one) => covers(resolveHost(one, namespace, domain), host)),
  );
  const hosts = new Set([host, ...near.flatMap((one) => destinationsOf(one, domain))]);
  const services = new Map([...inventory.services].filter(([name]) => hosts.has(name)));
  // What concerns other services need not be generated.
  const there = { ...inventory, services, virtualServices: near, ours: [] };
  const output = generateIstio(concerning(hosts, policy), there, OPTIONS);
  const made = output.resources.map(({ kind, metadata: { namespace, name }, spec }) => ({
    kind,
    namespace,
    name,
    spec,
  }));
  const titles = new Set(made.map(titleOf));
  const users = [...near, ...inventory.destinationRules].filter((one) => !titles.has(titleOf(one)));
  return [...made, ...users];
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

/** The VirtualService that sidecars of the caller obey for the host: that with the most specific host. */
export function mostSpecific(
  resources: readonly Resource[],
  { host, policy, question }: RoutedQuestion,
): Resource | undefined {
  const domain = policy.clusterDomain;
  const found = resources
    .filter(
      ({ kind, namespace, spec }) =>
        kind === "VirtualService" && isForSidecars(spec) && isVisible(spec, namespace, question),
    )
    .flatMap((resource) =>
      textsOf(resource.spec.hosts)
        .map((one) => resolveHost(one, resource.namespace, domain))
        .filter((one) => covers(one, host))
        .map((one) => ({ resource, weight: one === host ? Infinity : one.length })),
    );
  return found.sort((a, b) => b.weight - a.weight)[0]?.resource;
}

function isForSidecars({ gateways }: Fields): boolean {
  const listed = textsOf(gateways);
  return listed.length === 0 || listed.includes(MESH);
}

function isVisible({ exportTo }: Fields, namespace: string, { caller }: Question): boolean {
  const to = textsOf(exportTo).map((one) => (one === "." ? namespace : one));
  return to.length === 0 || to.includes("*") || to.includes(caller?.namespace ?? "");
}
