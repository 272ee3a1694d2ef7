import type { Finding } from "../../input/problem.ts";
import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { pathOf, patternsOf } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";
import type { IstioOptions } from "./options.ts";
import { isLabelValue, isSubsetName } from "./subset-names.ts";

const CONDITIONS = ["callers", "paths", "methods", "percent"] as const;

/**
 * What of the policy the target cannot do. It is refused: a rule left out would let through what it was written to hold,
 * and one without its conditions would hold more than it was written for.
 */
export function inexpressible(policy: Policy, inventory: Inventory, options: IstioOptions): Finding[] {
  return [
    ...clusters(policy, options),
    ...policy.rules.flatMap((_, index) => ofRule(policy, index, options)),
    ...override(policy, options),
    ...unknownServices(policy, inventory, options),
  ];
}

function clusters({ clusters }: Policy, { routing }: IstioOptions): Finding[] {
  const named = (id: string) => routing !== "envoy-filter" || isSubsetName(id);
  return clusters.flatMap((id, index) => {
    if (named(id) && isLabelValue(id)) return [];
    const allowed = named(id)
      ? "on Istio the value of a Kubernetes label (1 to 63 letters, digits, -, _ and .)"
      : "with --routing envoy-filter a DNS label, for it is the name of a subset";
    return [{ path: ["clusters", index], message: `found ${JSON.stringify(id)}, allowed: ${allowed}` }];
  });
}

function ofRule({ rules, clusters }: Policy, index: number, { routing }: IstioOptions): Finding[] {
  const rule = rules[index]!;
  const findings: Finding[] = [];
  const add = (field: string, message: string) => findings.push({ path: ["rules", index, field], message });
  const given = CONDITIONS.filter((field) => rule[field] !== undefined);
  if (rule.mode === "prefer") {
    for (const field of given)
      add(field, "allowed on Istio with mode prefer: none, for its DestinationRule is for every request");
    if (clusters.length > 2 && rule.order !== undefined)
      add("order", "allowed on Istio with more than two clusters: none, for all but the local one are alike");
  }
  if (rule.mode !== "strict") return findings;
  if (routing === "native") {
    for (const field of given)
      add(field, "allowed with --routing native: none, for it knows no conditions (use virtual-service)");
  }
  return findings;
}

function override({ override }: Policy, { routing }: IstioOptions): Finding[] {
  if (override === undefined || routing !== "native") return [];
  const message = "allowed with --routing native: none, for nothing reads its header (use virtual-service)";
  return [{ path: ["override"], message }];
}

/** Patterns whose services must be known one by one, and are not. */
function unknownServices({ rules }: Policy, { services }: Inventory, options: IstioOptions): Finding[] {
  if (services.size > 0) return [];
  const setting = options.routing === "native" && options.native === "cluster-local";
  return patternsOf(rules).flatMap((pattern) => {
    const { mode } = rules[pattern.rule]!;
    const needed = mode === "prefer" || (mode === "strict" && !setting);
    if (!needed || !pattern.text.includes("*")) return [];
    const message =
      "stands for services that are not known, allowed: with an --inventory that has the mesh's Services";
    return [{ path: pathOf(pattern), message }];
  });
}
