import { h, set } from "./dom.js";

/** With more services than this there is a field to find one. */
const MANY = 10;
/** So many are listed at a time. */
const LISTED = 100;

/** The services to choose from, by namespace. */
export function createServices({ onToggle }) {
  let policy;
  let scope = [];
  let taken = new Map();
  const find = h("input", {
    type: "search",
    placeholder: "Find a service",
    "aria-label": "Find a service",
    oninput: () => fill(),
  });
  const box = h("div", { class: "services", role: "group", "aria-label": "Services to keep" });

  function fill() {
    const focused = box.contains(document.activeElement) ? document.activeElement.value : undefined;
    const rows = rowsOf(policy, scope, taken, find.value.trim().toLowerCase());
    const more = rows.length - LISTED;
    box.replaceChildren(
      ...rows.slice(0, LISTED).map((row) => check(row, onToggle)),
      ...(more > 0 ? [h("p", { class: "note" }, `and ${more} more: find them by name`)] : []),
    );
    // The rows are new ones: the focus stays where it was for who uses the keyboard.
    if (focused !== undefined) box.querySelector(`input[value="${CSS.escape(focused)}"]`)?.focus();
  }

  return {
    elements: [find, box],
    /** @param chosen the patterns; undefined where the scope is all services */
    draw(view, chosen, ruleNumber) {
      set(box, "hidden", chosen === undefined);
      set(find, "hidden", chosen === undefined || view.services.length <= MANY);
      policy = view;
      // One pattern in two rules for the same requests would be refused.
      const asked = JSON.stringify(view.rules[ruleNumber]?.conditions ?? []);
      taken = new Map(
        view.rules
          .filter(({ conditions }, number) => number !== ruleNumber && JSON.stringify(conditions) === asked)
          .flatMap((rule) => rule.patterns.map((pattern) => [pattern, rule])),
      );
      scope = chosen ?? [];
      if (chosen) fill();
    },
  };
}

/** A row for each namespace and, below it, its services; with what the rule names beside them. */
function rowsOf(policy, scope, taken, wanted) {
  const byNamespace = new Map();
  for (const pattern of [...new Set([...policy.services, ...scope])].sort()) {
    const [namespace, name] = pattern.split("/", 2);
    const names = byNamespace.get(namespace) ?? [];
    if (name !== "*") names.push(pattern);
    byNamespace.set(namespace, names);
  }
  return [...byNamespace].flatMap(([namespace, names]) => {
    const whole = `${namespace}/*`;
    const fitting = names.filter((pattern) => pattern.toLowerCase().includes(wanted));
    if (fitting.length === 0 && !namespace.toLowerCase().includes(wanted)) return [];
    const isCovered = scope.includes(whole);
    return [
      row(policy, scope, taken, whole, `All of ${namespace}`, "namespace"),
      ...fitting.map((pattern) =>
        row(
          policy,
          scope,
          taken,
          pattern,
          pattern.slice(namespace.length + 1),
          isCovered ? "covered" : "single",
        ),
      ),
    ];
  });
}

function row(policy, scope, taken, pattern, text, kind) {
  const other = taken.get(pattern);
  const isUnknown = kind !== "namespace" && !policy.services.includes(pattern);
  const remarks = [
    other && `${other.mode} by ${other.path}`,
    isUnknown && "not in the inventory",
    kind === "covered" && "with its namespace",
  ];
  const checked = scope.includes(pattern);
  return {
    pattern,
    text,
    kind,
    checked,
    disabled: other !== undefined && !checked,
    remark: remarks.find(Boolean),
  };
}

function check({ pattern, text, kind, checked, disabled, remark }, onToggle) {
  const input = h("input", { type: "checkbox", value: pattern, disabled, onchange: () => onToggle(pattern) });
  input.checked = checked;
  return h("label", { class: `service ${kind}` }, input, h("span", {}, text), remark && h("em", {}, remark));
}
