import { hostsOf, type PatternKind } from "../../../policy/pattern.ts";
import type { Policy } from "../../../policy/policy.ts";
import type { Rule } from "../../../policy/rules.ts";

/**
 * The rules without the hosts that are left out: no route reads a pin for these, so the filter shall not count them as kept
 * local. Patterns that name one alone go; of those that name more, a rule with mode `off` takes it out.
 */
export function withoutHosts(
  rules: Policy["rules"],
  hosts: readonly string[],
  clusterDomain: string,
): Policy["rules"] {
  if (hosts.length === 0) return rules;
  const out = new Set(hosts);
  const kept = rules.flatMap((rule) => {
    const left = (kind: PatternKind) =>
      rule[kind]?.filter((text) => !out.has(hostsOf({ kind, text }, clusterDomain)));
    const [services, named] = [left("services") ?? [], left("hosts") ?? []];
    if (services.length + named.length === 0) return [];
    const rest = Object.entries(rule).filter(([field]) => field !== "services" && field !== "hosts");
    return [
      {
        ...(services.length > 0 && { services }),
        ...(named.length > 0 && { hosts: named }),
        ...(Object.fromEntries(rest) as Pick<Rule, "mode">),
      },
    ];
  });
  const wide = kept.some((rule) =>
    (["services", "hosts"] as const).some((kind) =>
      (rule[kind] ?? []).some((text) =>
        hosts.some((host) => covers(hostsOf({ kind, text }, clusterDomain), host)),
      ),
    ),
  );
  return wide ? [{ hosts: [...hosts], mode: "off" }, ...kept] : kept;
}

function covers(pattern: string, host: string): boolean {
  return pattern.startsWith("*") && host.endsWith(pattern.slice(1));
}
