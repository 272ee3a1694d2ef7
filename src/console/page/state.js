import { restOf } from "./rules.js";

/** What is so under a policy, in two lines: for the switch, and below it. */
export function stateOf({ enabled, rules }) {
  if (!enabled) return ["Retention is off", "Every request goes where the mesh sends it."];
  const keeps = rules.some(({ mode, percent }) => ["strict", "prefer"].includes(mode) && percent !== 0);
  const observes = rules.some(({ mode }) => mode === "observe");
  const title = keeps ? "Retention is on" : observes ? "Retention only observes" : "On, but nothing is kept";
  if (rules.length === 0) return [title, "No rule names a service yet."];
  if (rules.length === 1) return [title, inWords(rules[0])];
  return [title, `${rules.length} rules, below: of those that take a request, the most specific decides.`];
}

function inWords(rule) {
  const { mode, patterns, scope } = rule;
  const rest = restOf(rule);
  const named =
    scope === "all"
      ? "every service"
      : patterns.length > 3
        ? `${patterns.length} patterns`
        : patterns.join(", ");
  const what = rest === "" ? named : `${named} (${rest})`;
  if (mode === "observe") return `Observes ${what}: nothing is changed.`;
  if (mode === "off") return `${what}: left alone.`;
  return mode === "strict"
    ? `${what}: in the caller's cluster, or an error.`
    : `${what}: in the caller's cluster while that is healthy.`;
}
