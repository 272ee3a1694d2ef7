import type { Inventory } from "../../../inventory/kubernetes/model.ts";
import type { Policy } from "../../../policy/policy.ts";

/** Where the filter is put: the proxies of a namespace, or those of them that have these labels. */
export interface Placement {
  namespace: string;
  selector?: Record<string, string> | undefined;
}

/**
 * Where the callers are that the rules and the override name. The filter asks for the caller itself, so a wider place only
 * costs the other proxies a look-up; a selector is set where a namespace has one workload of callers alone, for the labels of
 * a selector stand for pods that have all of them.
 */
export function placements(
  { rules, override }: Policy,
  inventory: Inventory,
  rootNamespace: string,
): Placement[] {
  const callers = [
    ...rules.filter(({ mode }) => mode !== "off").flatMap((rule) => rule.callers ?? ["*/*"]),
    ...(override?.from ?? []).map((namespace) => `${namespace}/*`),
  ];
  const byNamespace = new Map<string, Set<string>>();
  for (const caller of callers) {
    const namespace = caller.slice(0, caller.indexOf("/"));
    // What stands in the root namespace is in all others.
    const place = namespace.endsWith("*") ? rootNamespace : namespace;
    const named = byNamespace.get(place) ?? new Set<string>();
    byNamespace.set(place, named.add(caller));
  }
  const places = [...byNamespace].map(([namespace, named]) => {
    const [only] = named;
    return { namespace, selector: named.size === 1 ? inventory.workloads.get(only!) : undefined };
  });
  const everywhere = places.find((one) => one.namespace === rootNamespace && one.selector === undefined);
  // Twice would be once too often.
  if (everywhere || places.length === 0) return [{ namespace: rootNamespace }];
  return places.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}
