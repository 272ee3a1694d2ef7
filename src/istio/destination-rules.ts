import { HostIndex } from "../inventory/kubernetes/host-index.ts";
import { resolveHost } from "../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";

/**
 * Which of the user's DestinationRules a caller obeys (destinationRule in pilot/pkg/model/push_context.go): those of the most
 * specific host in its own namespace, else in the service's, else in the mesh's root namespace. Of one host in one namespace
 * Istio adds up the subsets of all rules with the same exportTo and the same workloadSelector, and takes the traffic policy of
 * the oldest (mergeDestinationRule in pilot/pkg/model/destination_rule.go); rules of different hosts do not add up.
 */
export class DestinationRules {
  private readonly index: HostIndex<Placed>;
  /** The names of all subsets, of whatever host. */
  readonly names: ReadonlySet<string>;

  constructor(
    rules: readonly KubeObject[],
    domain: string,
    private readonly root: string,
  ) {
    const placed = rules.map((rule) => ({
      rule,
      host: resolveHost(textOf(rule.spec.host) ?? "", rule.namespace, domain),
    }));
    this.index = new HostIndex(placed.map((one) => [one.host, one]));
    this.names = new Set(rules.flatMap((rule) => subsetsOf(rule).map(({ name }) => name)));
  }

  /** Those of a namespace for exactly this host. */
  exact(host: string, namespace: string): KubeObject[] {
    const found = this.index.exact(host).filter(({ rule }) => rule.namespace === namespace);
    return found.map(({ rule }) => rule);
  }

  /** What a new rule for the host in the namespace would put out of force for it, where it has none for exactly this host. */
  hidden(host: string, namespace: string): KubeObject[] {
    const wider = this.widest(namespace, host);
    return wider.length > 0 || namespace === this.root ? wider : this.widest(this.root, host);
  }

  /** The namespaces whose callers obey rules of their own: that of the service, and each with rules for the host. */
  namespaces(host: string, serviceNamespace: string): string[] {
    const others = this.index.covering(host).map(({ rule }) => rule.namespace);
    return [...new Set([serviceNamespace, ...others.filter((one) => one !== this.root)])].sort();
  }

  /** All rules for the host, wherever. */
  for(host: string): KubeObject[] {
    return this.index.covering(host).map(({ rule }) => rule);
  }

  /** The names of all subsets that there are for the host, wherever; sorted. */
  subsets(host: string): string[] {
    const names = this.for(host).flatMap((rule) => subsetsOf(rule).map(({ name }) => name));
    return [...new Set(names)].sort();
  }

  /** Of the rules that cover the host, those of the most specific one. */
  private widest(namespace: string, host: string): KubeObject[] {
    const candidates = this.index.covering(host).filter(({ rule }) => rule.namespace === namespace);
    const length = Math.max(...candidates.map((one) => one.host.length));
    return candidates.filter((one) => one.host.length === length).map(({ rule }) => rule);
  }
}

/** A rule and the whole name of its host. */
interface Placed {
  rule: KubeObject;
  host: string;
}

export interface Subset {
  name: string;
  labels: Fields;
  /** The whole subset. */
  fields: Fields;
}

export function subsetsOf({ spec }: KubeObject): Subset[] {
  return itemsOf(spec.subsets)
    .map(fieldsOf)
    .map((fields) => ({ name: textOf(fields.name) ?? "", labels: fieldsOf(fields.labels), fields }));
}

/** Where a rule sends requests to the address that the caller chose, whatever the subset; undefined: nowhere. */
export function passthroughOf(rule: KubeObject): string | undefined {
  const policies: [path: string, policy: Fields][] = [
    ["spec.trafficPolicy", fieldsOf(rule.spec.trafficPolicy)],
    ...subsetsOf(rule).map(({ fields }, index): [string, Fields] => [
      `spec.subsets[${index}].trafficPolicy`,
      fieldsOf(fields.trafficPolicy),
    ]),
  ];
  const settings = policies.flatMap(([path, policy]): [string, Fields][] => [
    [path, policy],
    ...itemsOf(policy.portLevelSettings).map((one, index): [string, Fields] => [
      `${path}.portLevelSettings[${index}]`,
      fieldsOf(one),
    ]),
  ]);
  const found = settings.find(([, policy]) => fieldsOf(policy.loadBalancer).simple === "PASSTHROUGH");
  return found && `${found[0]}.loadBalancer.simple`;
}
