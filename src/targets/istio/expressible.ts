import type { Finding } from "../../input/problem.ts";
import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { pathOf, patternsOf } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";
import { gatewayCallers, hasGateway, namesGateway } from "./gateways.ts";
import type { IstioOptions } from "./options.ts";
import { isLabelValue, isSubsetName } from "./subset-names.ts";

/** Sidecars serve callers inside of the mesh; a gateway serves anybody. */
const NO_GATEWAYS =
  "allowed with --routing envoy-filter: sidecars only, for at a gateway that lacks the filter anybody could choose any cluster by the header (use virtual-service)";

const CONDITIONS = ["callers", "paths", "methods", "percent"] as const;

/**
 * What of the policy the target cannot do. It is refused: a rule left out would let through what it was written to hold,
 * and one without its conditions would hold more than it was written for.
 */
export function inexpressible(policy: Policy, inventory: Inventory, options: IstioOptions): Finding[] {
  const gateways = gatewayCallers(inventory, options.rootNamespace);
  return [
    ...clusters(policy, options),
    ...policy.rules.flatMap((_, index) => ofRule(policy, index, gateways, options)),
    ...override(policy, gateways, options),
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

function ofRule(
  { rules, clusters }: Policy,
  index: number,
  gateways: readonly string[],
  { routing }: IstioOptions,
): Finding[] {
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
  if (routing === "envoy-filter" && namesGateway(rule, gateways))
    add("callers", `names gateways, ${NO_GATEWAYS}`);
  return findings;
}

function override({ override }: Policy, gateways: readonly string[], { routing }: IstioOptions): Finding[] {
  if (override === undefined) return [];
  if (routing === "native") {
    const message = "allowed with --routing native: none, for nothing reads its header (use virtual-service)";
    return [{ path: ["override"], message }];
  }
  if (routing !== "envoy-filter") return [];
  return override.from.flatMap((namespace, index) =>
    hasGateway(namespace, gateways)
      ? [{ path: ["override", "from", index], message: `has gateways, ${NO_GATEWAYS}` }]
      : [],
  );
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
