import { formatPath } from "../input/path.ts";
import type { Policy } from "../policy/policy.ts";
import type { Rule } from "../policy/rules.ts";
import type { PolicyView, Switch } from "./view.ts";

/** The modes that the switch has; `off` is for exclusions, which are rules of their own. */
export const SWITCH_MODES = ["strict", "prefer", "observe"] as const;

/** A rule with more than these says more than the switch can show. */
const FIELDS: readonly string[] = ["services", "mode", "order"];

/** The rule that the switch shows and changes: the first without conditions. -1 where there is none. */
export function switchRule(rules: readonly Rule[]): number {
  return rules.findIndex(
    (rule) =>
      rule.mode !== "off" &&
      Object.entries(rule).every(([field, value]) => value === undefined || FIELDS.includes(field)),
  );
}

/** What the switch stands at under this policy, and the rules beside it. */
export function readSwitch({ enabled, rules }: Policy): { switch: Switch; others: PolicyView["others"] } {
  const own = switchRule(rules);
  const rule = rules[own];
  const services = rule?.services ?? [];
  return {
    switch: {
      enabled,
      mode: rule && rule.mode !== "off" ? rule.mode : "strict",
      scope: services.includes("*") ? "all" : services,
    },
    others: rules.flatMap((rule, index) =>
      index === own
        ? []
        : [
            {
              path: formatPath(["rules", index]),
              patterns: [...(rule.services ?? []), ...(rule.hosts ?? [])],
              mode: rule.mode,
              conditions: conditionsOf(rule),
            },
          ],
    ),
  };
}

function conditionsOf({ callers, paths, methods, percent }: Rule): string[] {
  return [
    ...(callers ? [`callers ${callers.join(", ")}`] : []),
    ...(paths ? [`paths ${paths.map(({ exact, prefix }) => exact ?? `${prefix ?? ""}*`).join(", ")}`] : []),
    ...(methods ? [`methods ${methods.join(", ")}`] : []),
    ...(percent === undefined ? [] : [`${percent}%`]),
  ];
}
