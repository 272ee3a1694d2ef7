import type { Inventory } from "../../../inventory/kubernetes/model.ts";
import { callersOf } from "../../../istio/gateways.ts";
import { hostsOf, type PatternKind } from "../../../policy/pattern.ts";
import type { Policy } from "../../../policy/policy.ts";
import type { Rule } from "../../../policy/rules.ts";

/**
 * A plugin on the client side is on gateways, too, and nothing in a WasmPlugin can leave them out. A gateway is there to
 * bring requests to wherever its routes say, so rules are for it only when their `callers` name it.
 */

/** Gateways as `callers` write them: what runs in the root namespace, and the services that Gateways of others select. */
export function gatewayCallers(inventory: Inventory, rootNamespace: string): string[] {
  const callers = new Set<string>([`${rootNamespace}/*`]);
  for (const gateway of [...inventory.gateways, ...inventory.kubeGateways]) {
    for (const caller of callersOf(gateway, inventory))
      if (!caller.startsWith(`${rootNamespace}/`)) callers.add(caller);
  }
  return [...callers].sort();
}

/** The rules, before each one for all callers one that leaves gateways alone. */
export function withoutGateways(
  rules: Policy["rules"],
  gateways: readonly string[],
  clusterDomain: string,
): Policy["rules"] {
  const key = (kind: PatternKind, text: string, { callers, paths, methods }: Partial<Rule>) =>
    JSON.stringify([hostsOf({ kind, text }, clusterDomain), callers, paths, methods]);
  // The same pattern and conditions twice would be refused: who writes these callers says what is to become of gateways.
  const written = new Set(
    rules.flatMap((rule) => [
      ...(rule.services ?? []).map((text) => key("services", text, rule)),
      ...(rule.hosts ?? []).map((text) => key("hosts", text, rule)),
    ]),
  );
  return rules.flatMap((rule) => {
    if (rule.callers !== undefined || rule.mode === "off") return [rule];
    const { paths, methods } = rule;
    const conditions = { callers: [...gateways], ...(paths && { paths }), ...(methods && { methods }) };
    const left = (kind: PatternKind) =>
      (rule[kind] ?? []).filter((text) => !written.has(key(kind, text, conditions)));
    const [services, hosts] = [left("services"), left("hosts")];
    if (services.length + hosts.length === 0) return [rule];
    const off: Rule = {
      ...(services.length > 0 && { services }),
      ...(hosts.length > 0 && { hosts }),
      mode: "off",
      ...conditions,
    };
    return [off, rule];
  });
}
