import { textsOf, type Fields } from "../../input/loose.ts";
import { problemOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import type { Problem } from "../../input/problem.ts";
import { isEqual } from "../../inventory/kubernetes/digest.ts";
import { subsetsOf, unmergeable, type DestinationRules, type Subset } from "./destination-rules.ts";
import { NETWORKING, own, type Resource } from "./resource.ts";
import type { Names } from "./subset-names.ts";

/** What the subsets of a host are made of. */
export interface SubsetRuleInput {
  /** A whole host name, or `*.suffix`. */
  host: string;
  /** The namespace of the service. */
  serviceNamespace: string;
  /** The name of the resource. */
  name: string;
  clusters: readonly string[];
  clusterLabel: string;
  names: Names;
  /** The user's subsets that are needed by cluster, too: those that routes name, or all. */
  versions: ReadonlySet<string> | "all";
}

/** A DestinationRule in a namespace with a subset for each cluster, beside the user's own rules or in their place. */
export function subsetRule(
  input: SubsetRuleInput,
  namespace: string,
  rules: DestinationRules,
): { resource: Resource; problems: Problem[] } {
  const { host, serviceNamespace } = input;
  const exact = rules.exact(host, namespace);
  const hidden = exact.length > 0 ? [] : rules.hidden(host, namespace, serviceNamespace);
  const users = [...exact, ...hidden];
  const ofService = namespace === serviceNamespace;
  const problems = [...users.flatMap((rule) => unmergeable(rule, ofService)), ...disagreeing(users)];
  const subsets = firstOfEachName(users);
  const spec: Fields = {
    host,
    exportTo: users[0]?.namespace === namespace ? users[0].spec.exportTo : undefined,
    trafficPolicy: hidden.find(({ spec }) => spec.trafficPolicy !== undefined)?.spec.trafficPolicy,
    subsets: [
      ...(hidden.length > 0 ? subsets.map(({ fields }) => fields) : []),
      ...clusterSubsets(input, subsets),
    ],
  };
  return {
    resource: own(NETWORKING, "DestinationRule", namespace, input.name, withoutUndefined(spec)),
    problems,
  };
}

function clusterSubsets(input: SubsetRuleInput, subsets: readonly Subset[]): Fields[] {
  const { clusters, clusterLabel, names, versions } = input;
  const needed = subsets.filter(({ name }) => versions === "all" || versions.has(name));
  return clusters.flatMap((cluster) => [
    { name: names.name(cluster), labels: { [clusterLabel]: cluster } },
    ...needed.map(({ name, labels, fields }) => ({
      ...fields,
      name: names.name(cluster, name),
      labels: { ...labels, [clusterLabel]: cluster },
    })),
  ]);
}

/** Of two subsets of one name Istio keeps the one of the older rule; which that is, the files need not say. */
function firstOfEachName(rules: readonly KubeObject[]): Subset[] {
  const subsets = new Map<string, Subset>();
  for (const subset of rules.flatMap(subsetsOf))
    if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
  return [...subsets.values()];
}

function disagreeing(exact: readonly KubeObject[]): Problem[] {
  const [first, ...others] = exact;
  return others.flatMap((rule) =>
    isEqual(textsOf(rule.spec.exportTo), textsOf(first!.spec.exportTo))
      ? []
      : [
          problemOf(
            rule,
            "spec.exportTo",
            `differs from that of ${first!.name}, which is for the same host; allowed: the same in both, so that Istio adds their subsets up`,
          ),
        ],
  );
}

function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
