import { h, set } from "./dom.js";
import { restOf } from "./rules.js";

/** Which rule of the policy the switch shows and changes: one of those that it can, or a new one. */
export function createRuleChoice({ onChoose }) {
  const select = h("select", {
    id: "rule",
    "aria-describedby": "rule-note",
    onchange: () => onChoose(select.value === "new" ? "new" : Number(select.value)),
  });
  const note = h("p", { class: "note", id: "rule-note" });
  const field = h("div", { class: "rule-choice" }, h("label", { for: "rule" }, "Rule"), select);

  return {
    elements: [field, note],
    /** @param isLocked another rule cannot be chosen while this one's change is not applied */
    draw({ rules }, chosen, isLocked) {
      const numbers = [...rules.keys()].filter((number) => rules[number].scope !== undefined);
      select.replaceChildren(
        ...numbers.map((number) => h("option", { value: number }, titleOf(rules[number]))),
        h("option", { value: "new" }, "A new rule"),
      );
      select.value = String(chosen);
      select.disabled = isLocked;
      set(field, "hidden", rules.length === 0);
      note.textContent = noteOf(rules[chosen], isLocked);
      set(note, "hidden", note.textContent === "");
    },
  };
}

function titleOf(rule) {
  const { path, mode, patterns } = rule;
  const rest = restOf(rule);
  return `${path}: ${mode} ${patterns.join(", ")}${rest === "" ? "" : ` (${rest})`}`;
}

function noteOf(rule, isLocked) {
  if (isLocked) return "Apply or discard before you turn to another rule.";
  const rest = rule ? restOf(rule) : "";
  return rest === "" ? "" : `Only for: ${rest}. That stays as it is.`;
}
