import type { Problem } from "../../input/problem.ts";
import { fieldsOf, type Fields } from "../../input/loose.ts";
import { problemOf } from "../../inventory/kubernetes/object.ts";
import type { Governed } from "./governed.ts";
import type { Made, Mesh, Part } from "./mesh.ts";
import { againstPrefer, preferPolicy } from "./prefer-rule.ts";
import { woven } from "./resource.ts";
import { ruleName } from "./rule-names.ts";
import { subsetRule } from "./subset-rule.ts";
import { SubsetNames } from "./subset-names.ts";

/**
 * Local-first by Istio's own means: a traffic policy for all callers of the service. Where the user has one for it, it is
 * woven into that one, for Istio takes only one; else it goes into our DestinationRule, if there is one already.
 */
export function byLocality(mesh: Mesh, made: readonly Made[]): Part {
  const result: Part = { made: [...made], problems: [], warnings: [] };
  for (const one of mesh.governed) {
    if (one.prefer)
      for (const callers of mesh.rules.namespaces(one.service.host, one.service.namespace))
        add(one, callers, mesh, result);
  }
  return result;
}

function add({ service, pinned }: Governed, callers: string, mesh: Mesh, result: Part): void {
  const { policy, rules, options } = mesh;
  const { host, namespace } = service;
  const exact = rules.exact(host, callers);
  const hidden = exact.length > 0 ? [] : rules.hidden(host, callers, namespace);
  result.problems.push(...[...exact, ...hidden].flatMap(againstPrefer));
  const withPolicy = exact.filter(({ spec }) => spec.trafficPolicy !== undefined);
  const [users, second] = withPolicy;
  if (second) result.problems.push(twoPolicies(second, users!.name));
  const hosts = [host];
  if (users) {
    const trafficPolicy = preferPolicy(fieldsOf(users.spec.trafficPolicy), options.clusterLabel);
    result.made.push({ resource: woven(users, { ...users.spec, trafficPolicy }), hosts });
    return;
  }
  const name = ruleName(service.name, namespace, callers);
  const known = result.made.find(
    ({ resource: { kind, metadata } }) =>
      kind === "DestinationRule" && metadata.namespace === callers && metadata.name === name,
  );
  const withPrefer = ({ exportTo, trafficPolicy, subsets, ...spec }: Fields): Fields => ({
    ...spec,
    ...(exportTo !== undefined && { exportTo }),
    trafficPolicy: preferPolicy(
      trafficPolicy === undefined ? undefined : fieldsOf(trafficPolicy),
      options.clusterLabel,
    ),
    ...(Array.isArray(subsets) && subsets.length > 0 && { subsets: subsets as unknown[] }),
  });
  if (known) {
    known.resource = { ...known.resource, spec: withPrefer(known.resource.spec) };
    return;
  }
  // With --routing envoy-filter the clusters' subsets are in a rule for the whole namespace, which this one hides.
  const input = {
    ...{ host, name, serviceNamespace: namespace, clusterLabel: options.clusterLabel },
    ...{ clusters: pinned ? policy.clusters : [], names: new SubsetNames(new Set<string>()) },
    versions: pinned ? ("all" as const) : new Set<string>(),
  };
  const { resource, problems } = subsetRule(input, callers, rules);
  result.problems.push(...problems);
  result.made.push({ resource: { ...resource, spec: withPrefer(resource.spec) }, hosts });
}

function twoPolicies(rule: Parameters<typeof problemOf>[0], other: string): Problem {
  const message = `is the second traffic policy for its host beside that of ${other}, and Istio takes that of the older one; allowed with mode prefer: one`;
  return problemOf(rule, "spec.trafficPolicy", message);
}
