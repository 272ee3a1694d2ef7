import { h } from "./dom.js";
import { nameOf, rate } from "./format.js";

/** The table of the same flows. */
export function drawTable(parent, { arrows }, onChoose) {
  const rows = arrows.map((arrow) => {
    const [cluster, , name] = arrow.from.split("/");
    const rule = arrow.governed.rule
      ? `${arrow.governed.mode} by ${arrow.governed.rule}`
      : RULES[arrow.governed.mode];
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, `${name} in ${cluster}`),
      h("td", {}, nameOf(arrow.service), " in ", arrow.cluster),
      h("td", { class: arrow.local ? "local" : "remote" }, arrow.local ? "local" : "remote"),
      h("td", { class: "number" }, rate(arrow.requestsPerSecond)),
      h("td", { class: "number" }, rate(arrow.errorsPerSecond)),
      h("td", { class: "number" }, String(arrow.requests)),
      h("td", {}, rule),
      h(
        "td",
        {},
        h("button", { type: "button", "data-arrow": arrow.id, onclick: () => onChoose(arrow.id) }, "Why?"),
      ),
    );
  });
  const heads = ["From", "To", "", "Requests/s", "Errors/s", "In all", "Rule", ""];
  const focused = document.activeElement?.getAttribute("data-arrow");
  parent.replaceChildren(
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((head) => h(head ? "th" : "td", head ? { scope: "col" } : {}, head)),
        ),
      ),
      h("tbody", {}, rows),
    ),
  );
  if (focused) parent.querySelector(`[data-arrow="${CSS.escape(focused)}"]`)?.focus();
}

const RULES = { none: "no rule", unfiltered: "no filter here", disabled: "policy is off", off: "excluded" };
