import { h } from "./dom.js";

/** The rules beside the switch's. */
export function drawOthers({ others }) {
  if (others.length === 0) return [];
  const items = others.map(({ path, patterns, mode, conditions }) =>
    h(
      "li",
      {},
      h("b", {}, mode),
      ` ${patterns.join(", ")}`,
      conditions.length > 0 && h("em", {}, ` ${conditions.join("; ")}`),
      h("small", {}, ` ${path}`),
    ),
  );
  return [h("h3", {}, "Other rules, left as they are"), h("ul", {}, items)];
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
