import type { Inventory } from "../inventory/kubernetes/model.ts";
import { admitsCaller, type CallerFacts } from "../policy/conditions.ts";
import type { Policy } from "../policy/policy.ts";
import { gatewayCallers, withoutGateways } from "../targets/istio/plugin/gateways.ts";
import type { IstioOptions } from "../targets/istio/options.ts";
import { placements } from "../targets/istio/plugin/placement.ts";
import type { CallersRules } from "./view.ts";

/** Why the proxy of a caller has no filter, in words; undefined where it has one. */
export function filterAt(
  policy: Policy,
  inventory: Inventory,
  { rootNamespace, routing }: IstioOptions,
): (caller: CallerFacts) => string | undefined {
  if (routing === "mesh-config") return () => "with --routing mesh-config no proxy has the filter";
  const places = policy.rules.length === 0 ? [] : placements(policy, inventory, rootNamespace);
  return ({ namespace, workload }) => {
    const labels = inventory.workloads.get(`${namespace}/${workload}`) ?? {};
    const there = places.some(
      (place) =>
        [rootNamespace, namespace].includes(place.namespace) &&
        Object.entries(place.selector ?? {}).every(([key, value]) => labels[key] === value),
    );
    return there ? undefined : "no rule is for its caller, whose proxy has no filter";
  };
}

/** The rules of the plugin configuration for a gateway: those for all callers are not for gateways. */
export function rulesAt(
  policy: Policy,
  inventory: Inventory,
  rootNamespace: string,
): (caller: CallerFacts) => CallersRules | undefined {
  const gateways = gatewayCallers(inventory, rootNamespace);
  let found: CallersRules | undefined;
  return (caller) =>
    admitsCaller({ callers: [...gateways] }, caller) ? (found ??= rulesFor(policy, gateways)) : undefined;
}

function rulesFor(policy: Policy, gateways: readonly string[]): CallersRules {
  const rules = withoutGateways(policy.rules, gateways, policy.clusterDomain);
  // One that was put in stands before the rule that it is for.
  let next = 0;
  const origin = rules.map((rule) => (rule === policy.rules[next] ? next++ : next));
  return { rules, origin, why: "the caller is a gateway, and the rule's callers do not name it" };
}
