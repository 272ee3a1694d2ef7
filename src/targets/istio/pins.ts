import type { Matcher } from "../../policy/match.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Rule } from "../../policy/rules.ts";
import type { Governed } from "./services.ts";

/** What an override's `any` asks for. */
export const ANYWHERE = "*";

/** The pin of a `prefer` rule in a cluster: the clusters in order, its own first. */
export function orderPin({ order }: Pick<Rule, "order">, local: string, clusters: readonly string[]): string {
  return [local, ...(order ?? clusters).filter((id) => id !== local)].join(",");
}

/** The pins that the filter may give requests to a service in a cluster, sorted. */
export function pinsOf(
  { patterns }: Pick<Governed, "patterns">,
  local: string,
  { clusters, override }: Policy,
  matcher: Matcher,
): string[] {
  const pins = new Set<string>();
  for (const pattern of patterns) {
    const rule = matcher.ruleOf(pattern);
    if (rule.mode === "strict") pins.add(local);
    if (rule.mode === "prefer") pins.add(orderPin(rule, local, clusters));
  }
  for (const word of override?.allow ?? [])
    pins.add(word === "local" ? local : word === "any" ? ANYWHERE : word);
  return [...pins].sort();
}
