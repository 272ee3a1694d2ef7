import type { Delivered } from "./delivery.ts";
import type { PolicyView, RuleView } from "./view.ts";

/** So many rules are told one by one. */
const TOLD = 3;

/** What the log says of a change of the switch: what is so now, and what was done. */
export function switchWords(
  { enabled, rules, file }: Pick<PolicyView, "enabled" | "rules" | "file">,
  live: boolean,
): [what: string, reason: string] {
  const told = rules.length > TOLD ? `${rules.length} rules` : rules.map(ruleWords).join("; ");
  return [
    enabled === true ? `Retention on: ${told}` : "Retention off",
    live
      ? `${file} was written, and the files of the Envoys`
      : `${file} was written; generate and apply it for the mesh`,
  ];
}

function ruleWords({ mode, patterns, scope, conditions, percent }: RuleView): string {
  const services = scope === "all" ? "all services" : patterns.join(", ");
  const which = [...conditions, ...(percent === undefined ? [] : [`${percent}%`])];
  return `${mode}, ${services}${which.length === 0 ? "" : ` (${which.join("; ")})`}`;
}

/** What the log says of how the proxies took it. */
export function deliveryWords({
  live,
  refused,
  silent,
  afterMs,
}: Delivered): [kind: "live" | "refused", what: string, reason: string] {
  const count = live.length + refused.length + silent.length;
  if (refused.length > 0)
    return [
      "refused",
      "The change was refused",
      `${refused.join(", ")} refused it and goes on as before: see its log, or ask doctor`,
    ];
  if (silent.length > 0)
    return [
      "refused",
      "The change is not everywhere",
      `no sign from ${silent.join(", ")} that it was taken up: does it run, with these files?`,
    ];
  const proxies = count === 1 ? "the proxy that it changes" : `all ${count} proxies that it changes`;
  return ["live", "The change is live", `in ${proxies}, after ${(afterMs / 1000).toFixed(2)} s`];
}
