import { formatPath } from "../input/path.ts";
import type { Policy } from "../policy/policy.ts";
import type { Rule } from "../policy/rules.ts";
import type { PolicyView, RuleView } from "./view.ts";

/** The modes that the switch has; `off` is for exclusions, which are rules of their own. */
export const SWITCH_MODES = ["strict", "prefer", "observe"] as const;

/** What a policy says, and which of its rules the switch may change. */
export function readRules({
  enabled,
  rules,
  override,
}: Policy): Pick<PolicyView, "enabled" | "rules" | "first" | "override"> {
  const views = rules.map(viewOf);
  const changeable = views.flatMap((view, number) => (view.scope === undefined ? [] : [number]));
  const plain = changeable.find((number) => isForAll(views[number]!));
  return { enabled, rules: views, first: plain ?? changeable[0], override };
}

/** Whether the rule takes all requests to its services. */
function isForAll({ conditions, percent }: RuleView): boolean {
  return conditions.length === 0 && percent === undefined;
}

function viewOf(rule: Rule, number: number): RuleView {
  const { services = [], hosts = [], mode, percent, order } = rule;
  // The page knows services; and an exclusion is not what the switch is about.
  const changeable = mode !== "off" && hosts.length === 0;
  return {
    path: formatPath(["rules", number]),
    patterns: [...services, ...hosts],
    mode,
    conditions: conditionsOf(rule),
    ...(percent !== undefined && percent !== 100 && { percent }),
    ...(order && { order }),
    ...(changeable && { scope: services.includes("*") ? "all" : services }),
  };
}

function conditionsOf({ callers, paths, methods }: Rule): string[] {
  return [
    ...(callers ? [`callers ${callers.join(", ")}`] : []),
    ...(paths ? [`paths ${paths.map(({ exact, prefix }) => exact ?? `${prefix ?? ""}*`).join(", ")}`] : []),
    ...(methods ? [`methods ${methods.join(", ")}`] : []),
  ];
}
