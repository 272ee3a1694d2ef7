import { HostIndex } from "../../inventory/kubernetes/host-index.ts";
import { covers, resolveHost } from "../../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../../input/loose.ts";
import { problemOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import type { Problem } from "../../input/problem.ts";

/**
 * Which of the user's DestinationRules a caller obeys (pilot/pkg/model/push_context.go, destinationRule): the most specific
 * one of its own namespace, else of the service's, else of the mesh's root namespace. Of one host in one namespace, Istio
 * adds the subsets of all rules up and takes the traffic policy of the oldest; rules of different hosts do not add up.
 */
export class DestinationRules {
  private readonly index: HostIndex<Placed>;
  private readonly hosts: ReadonlyMap<KubeObject, string>;

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
    this.hosts = new Map(placed.map(({ rule, host }) => [rule, host]));
  }

  /** Those of a namespace for exactly this host, which may have wildcards. */
  exact(host: string, namespace: string): KubeObject[] {
    return this.of(namespace, host)
      .filter((one) => one.host === host)
      .map(({ rule }) => rule);
  }

  /** What a new rule for the host in the namespace would put out of force for it. */
  hidden(host: string, namespace: string, serviceNamespace: string): KubeObject[] {
    const wider = this.widest(namespace, host);
    if (wider.length > 0 || namespace !== serviceNamespace || namespace === this.root) return wider;
    return this.widest(this.root, host);
  }

  /** The namespaces whose callers need subsets of their own: that of the service, and each with rules for the host. */
  namespaces(host: string, serviceNamespace: string): string[] {
    const others = this.index.covering(host).map(({ rule }) => rule.namespace);
    return [...new Set([serviceNamespace, ...others.filter((one) => one !== this.root)])].sort();
  }

  /** Whether callers have a rule for the host that a new one for the pattern, which covers it, would not reach or would hide. */
  isSpecial(host: string, pattern: string, callers: string, serviceNamespace: string): boolean {
    const rules = [...this.exact(host, callers), ...this.hidden(host, callers, serviceNamespace)];
    return rules.some((rule) => !covers(this.hosts.get(rule) ?? "", pattern));
  }

  /** Whether a rule is for one of these hosts. */
  isFor(rule: KubeObject, hosts: ReadonlySet<string>): boolean {
    const pattern = this.hosts.get(rule) ?? "";
    if (!pattern.startsWith("*")) return hosts.has(pattern);
    return [...hosts].some((host) => covers(pattern, host));
  }

  /** The names of all subsets that there are for the host, wherever. */
  subsets(host: string): Set<string> {
    const rules = this.index.covering(host);
    return new Set(rules.flatMap(({ rule }) => subsetsOf(rule).map(({ name }) => name)));
  }

  private of(namespace: string, host: string): Placed[] {
    return this.index.covering(host).filter(({ rule }) => rule.namespace === namespace);
  }

  /** Of the rules that cover the host, those of the most specific one. */
  private widest(namespace: string, host: string): KubeObject[] {
    const candidates = this.of(namespace, host);
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

/** Why the subsets of a rule of ours would not reach the callers of the user's rule. */
export function unmergeable(rule: KubeObject, ofService: boolean): Problem[] {
  const problems: Problem[] = [];
  if (rule.spec.workloadSelector !== undefined) {
    const message =
      "is for some workloads only, and Istio does not add subsets to such a rule; allowed: a rule without workloadSelector (or retain the service with --routing native)";
    problems.push(problemOf(rule, "spec.workloadSelector", message));
  }
  const { loadBalancer } = fieldsOf(rule.spec.trafficPolicy);
  if (fieldsOf(loadBalancer).simple === "PASSTHROUGH") {
    const message =
      "sends requests to the address that the caller chose, whatever the subset; allowed: another load balancer (or a rule with mode off for the service)";
    problems.push(problemOf(rule, "spec.trafficPolicy.loadBalancer.simple", message));
  }
  const exportTo = textsOf(rule.spec.exportTo);
  if (ofService && exportTo.length > 0 && !exportTo.includes("*")) {
    const message = `found ${JSON.stringify(exportTo)}, which hides the rule and with it the clusters' subsets from other namespaces; allowed: ["*"], or leave it out`;
    problems.push(problemOf(rule, "spec.exportTo", message));
  }
  return problems;
}
