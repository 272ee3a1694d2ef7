import type { Policy } from "../policy/policy.ts";

/** What a request asks for by an override's header. */
export interface Ask {
  header: string;
  value: string;
}

/**
 * What only one of two policies lets the callers of a namespace ask for. What both let them ask for leads to the same place
 * under each, whatever their rules say: an override goes before every rule.
 */
export function disputedAsks(older: Policy, newer: Policy, namespace: string): Ask[] {
  const [before, after] = [asksOf(older, namespace), asksOf(newer, namespace)];
  const missing = (from: readonly Ask[], ask: Ask) => !from.some((one) => isSame(one, ask));
  return [...before.filter((ask) => missing(after, ask)), ...after.filter((ask) => missing(before, ask))];
}

/** Whether the policy lets the callers of a namespace ask for this. */
export function allowsAsk(policy: Policy, namespace: string, ask: Ask): boolean {
  return asksOf(policy, namespace).some((one) => isSame(one, ask));
}

function asksOf({ enabled, override }: Policy, namespace: string): Ask[] {
  if (!enabled || !override) return [];
  const { header, allow, from } = override;
  if (!from.some((one) => one.toLowerCase() === namespace.toLowerCase())) return [];
  return allow.map((value) => ({ header, value }));
}

function isSame(a: Ask, b: Ask): boolean {
  return a.header === b.header && a.value === b.value;
}
