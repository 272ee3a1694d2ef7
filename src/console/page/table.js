import { h, list, say, set } from "./dom.js";
import { nameOf, rate } from "./format.js";

const HEADS = ["From", "To", "Place", "Requests/s", "Errors/s", "In all", "Rule", "Reason"];
const NUMBERS = [3, 4, 5];

/** So many rows are shown. */
const LISTED = 500;

/** The table of the same flows as the picture's. Its rows stay, so that the focus does. */
export function createTable(parent, { onChoose }) {
  const rows = new Map();
  const body = h("tbody");
  const heads = HEADS.map((head, index) =>
    h("th", { scope: "col", class: NUMBERS.includes(index) && "number" }, head),
  );
  parent.append(h("table", {}, h("thead", {}, h("tr", {}, heads)), body));

  function newRow({ id }) {
    const cells = HEADS.slice(1, -1).map((_, index) =>
      h("td", { class: NUMBERS.includes(index + 1) && "number" }),
    );
    const why = h("button", { type: "button", onclick: () => onChoose(id) }, "Why?");
    return h("tr", {}, h("th", { scope: "row" }), ...cells, h("td", {}, why));
  }

  function update(row, arrow) {
    const [cluster, , name] = arrow.from.split("/");
    const { rule, mode, partly } = arrow.governed;
    const texts = [
      `${name} in ${cluster}`,
      `${nameOf(arrow.service)} in ${arrow.cluster}`,
      arrow.place,
      rate(arrow.requestsPerSecond),
      rate(arrow.errorsPerSecond),
      String(arrow.requests),
      rule === undefined ? (RULES[mode] ?? mode) : `${mode} by ${rule}${partly ? ", for some" : ""}`,
    ];
    texts.forEach((text, index) => say(row.children[index], text));
    set(row.children[2], "class", arrow.place);
    set(row.lastChild.firstChild, "aria-label", `Why? ${texts[0]} to ${texts[1]}`);
  }

  return {
    draw({ arrows }) {
      // Of very many, those that carry most.
      const most =
        arrows.length <= LISTED
          ? arrows
          : [...arrows].sort((a, b) => b.requests - a.requests).slice(0, LISTED);
      list(body, rows, most, ({ id }) => id, newRow, update);
    },
  };
}

const RULES = { none: "no rule", unfiltered: "no filter here", disabled: "policy is off", off: "excluded" };
