import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { MESH, wholeGateway } from "./scope.ts";
import { fieldsOf, textsOf } from "../../input/loose.ts";
import type { KubeObject } from "../../inventory/kubernetes/object.ts";
import { includes } from "../../policy/conditions.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Rule } from "../../policy/rules.ts";

/**
 * A plugin on the client side is on gateways, too, and nothing in a WasmPlugin can leave them out. A gateway is there to
 * bring requests to wherever its routes say, so rules are for it only when their `callers` name it.
 */

/** Gateways as `callers` write them: what runs in the root namespace, and the services that Gateways of others select. */
export function gatewayCallers(inventory: Inventory, rootNamespace: string): string[] {
  const callers = new Set<string>([`${rootNamespace}/*`]);
  for (const gateway of inventory.gateways) {
    for (const caller of callersOf(gateway, inventory))
      if (!caller.startsWith(`${rootNamespace}/`)) callers.add(caller);
  }
  return [...callers].sort();
}

/** The proxies of a Gateway as `callers` write them, by the services that select the same; none where that says nothing. */
export function callersOf({ spec }: KubeObject, { services }: Inventory): string[] {
  const selector = Object.entries(fieldsOf(spec.selector));
  if (selector.length === 0) return [];
  return [...services.values()]
    .filter((service) => selector.every(([key, value]) => service.selector[key] === value))
    .map(({ namespace, name }) => `${namespace}/${name}*`);
}

/** Whether the proxies of every Gateway that there is, or that a VirtualService lists, are known. */
export function gatewaysKnown(inventory: Inventory): boolean {
  const { gateways, virtualServices } = inventory;
  const known = new Set(gateways.map(({ namespace, name }) => `${namespace}/${name}`)).add(MESH);
  const listed = virtualServices.flatMap(({ spec, namespace }) =>
    textsOf(spec.gateways).map((name) => wholeGateway(name, namespace)),
  );
  return (
    gateways.every((gateway) => callersOf(gateway, inventory).length > 0) &&
    listed.every((name) => known.has(name))
  );
}

/**
 * Whether the proxies of a Gateway, by its whole name, may pin a request, so that they have the filter. One that is not known
 * is taken to be in the root namespace.
 */
export function gatewayPins(
  policy: Policy,
  inventory: Inventory,
  rootNamespace: string,
): (gateway: string) => boolean {
  const known = new Map(inventory.gateways.map((one) => [`${one.namespace}/${one.name}`, one]));
  return (name) => {
    const gateway = known.get(name);
    const callers = gateway ? callersOf(gateway, inventory) : [];
    return pinsAtGateways(policy, callers.length > 0 ? callers : [`${rootNamespace}/*`]);
  };
}

/** Whether a rule is meant for a gateway, too. */
export function namesGateway({ callers }: Rule, gateways: readonly string[]): boolean {
  return (callers ?? []).some((caller) => gateways.some((gateway) => overlap(caller, gateway)));
}

/** Whether gateways may pin a request. */
export function pinsAtGateways({ rules, override }: Policy, gateways: readonly string[]): boolean {
  const byRule = rules.some((rule) => rule.mode === "strict" && namesGateway(rule, gateways));
  const byOverride = override?.from.some((namespace) =>
    gateways.some((gateway) => gateway.startsWith(`${namespace}/`)),
  );
  return byRule || byOverride === true;
}

/** The rules, before each one for all callers one that leaves gateways alone. */
export function withoutGateways(rules: Policy["rules"], gateways: readonly string[]): Policy["rules"] {
  const written = new Set(rules.map(({ callers }) => JSON.stringify(callers)));
  // The same conditions twice would be refused; who writes these callers says what is to become of gateways.
  if (written.has(JSON.stringify(gateways))) return rules;
  return rules.flatMap((rule) => {
    if (rule.callers !== undefined || rule.mode === "off") return [rule];
    const { services, hosts, paths, methods } = rule;
    const left: Rule = {
      ...(services && { services }),
      ...(hosts && { hosts }),
      mode: "off",
      callers: [...gateways],
      ...(paths && { paths }),
      ...(methods && { methods }),
    };
    return [left, rule];
  });
}

/** Whether some caller may be meant by both. */
function overlap(a: string, b: string): boolean {
  const [theirs, ours] = [a.split("/"), b.split("/")];
  return theirs.every((part, index) => {
    const other = ours[index]!;
    const covers = (outer: string, inner: string) =>
      includes({ callers: [`${outer}/x`] }, { callers: [`${inner}/x`] });
    return covers(part, other) || covers(other, part);
  });
}
