import { h } from "./dom.js";

/** What a rule says, beside its mode and what it names. */
export function restOf({ conditions, percent, order }) {
  return [
    ...conditions,
    ...(percent === undefined ? [] : [`${percent}% of them`]),
    ...(order === undefined ? [] : [`then ${order.join(", ")}`]),
  ].join("; ");
}

/** The rules beside the one that the switch shows, and the override. */
export function drawOthers({ rules, override }, shown) {
  const items = rules.flatMap((rule, number) => (number === shown ? [] : [drawRule(rule)]));
  if (override) items.unshift(drawOverride(override));
  if (items.length === 0) return [];
  return [h("h3", {}, "Other rules"), h("ul", {}, items)];
}

function drawRule(rule) {
  const { path, patterns, mode, scope } = rule;
  const rest = restOf(rule);
  return h(
    "li",
    {},
    h("b", {}, mode),
    ` ${patterns.join(", ")}`,
    rest !== "" && h("em", {}, ` ${rest}`),
    h("small", {}, ` ${path}${scope === undefined ? ", to be changed in the file" : ""}`),
  );
}

function drawOverride({ header, allow, from }) {
  return h(
    "li",
    {},
    h("b", {}, "override"),
    ` callers in ${from.join(", ")} may ask for ${allow.join(", ")} by the header ${header}`,
    h("small", {}, " goes before every rule"),
  );
}

/** What the policy and the inventory do not agree on. */
export function drawWarnings({ warnings }) {
  if (warnings.length === 0) return [];
  return [
    h("h3", {}, "Warnings"),
    h(
      "ul",
      { class: "warnings" },
      warnings.slice(0, 20).map((line) => h("li", {}, line)),
    ),
  ];
}
