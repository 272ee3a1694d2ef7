import { post, Problems } from "./api.js";
import { drawDiff } from "./diff.js";
import { h, say, set } from "./dom.js";
import { drawOthers, drawWarnings } from "./rules.js";
import { createServices } from "./services.js";

const MODES = {
  strict: [
    "Strict",
    "Local endpoints, or an error: where a service has no healthy one, its callers there get 503, whatever other clusters have.",
  ],
  prefer: ["Prefer", "Local while an endpoint there is healthy, then the other clusters."],
  observe: ["Observe", "Changes nothing, and counts what strict would have changed."],
};

/** The switch with its scope and mode. What is chosen stays a draft until it is applied. */
export function createRetention(form, { onPolicy }) {
  let policy;
  let draft;
  let seen;

  const toggle = h(
    "button",
    {
      type: "button",
      role: "switch",
      class: "switch",
      "aria-labelledby": "switch-label",
      "aria-describedby": "switch-note",
      onclick: () => apply({ ...draft, enabled: !policy.switch.enabled }),
    },
    h("span", { class: "thumb" }),
  );
  const label = h("p", { id: "switch-label", class: "switch-label" });
  const note = h("p", { id: "switch-note", class: "note" });
  const all = radio("scope", "all", "All services", () => change({ scope: "all" }));
  const some = radio("scope", "some", "Chosen services", () => change({ scope: chosen() }));
  const services = createServices({ onToggle: toggleService });
  const modes = Object.entries(MODES).map(([mode, [name]]) =>
    radio("mode", mode, name, () => change({ mode })),
  );
  const meaning = h("p", { class: "note meaning", "aria-live": "polite" });
  const problems = h("div", { class: "problems", role: "alert" });
  const submit = h("button", { type: "submit", class: "primary" }, "Apply");
  const discard = h("button", { type: "button", onclick: () => reset() }, "Discard");
  const diff = h("pre", { class: "diff", tabindex: 0, "aria-label": "Changes of the policy file" });
  const effect = h("p", { class: "note effect" });
  const preview = h(
    "details",
    { ontoggle: () => showPreview() },
    h("summary", {}, "What Apply writes"),
    diff,
    effect,
  );
  const others = h("div", { class: "others" });
  // On a phone the picture comes first: what is seldom changed is folded. Elsewhere there is nothing to unfold it with.
  const wide = matchMedia("(min-width: 621px)");
  wide.addEventListener("change", () => set(fields, "open", wide.matches));
  const fields = h(
    "details",
    { class: "fields", open: wide.matches },
    h("summary", {}, "Scope and mode"),
    h(
      "fieldset",
      {},
      h("legend", {}, "Scope"),
      h("div", { class: "segments" }, all, some),
      ...services.elements,
    ),
    h("fieldset", {}, h("legend", {}, "Mode"), h("div", { class: "segments" }, ...modes), meaning),
    h("div", { class: "actions" }, submit, discard),
    preview,
  );

  form.replaceChildren(
    h("div", { class: "switch-row" }, toggle, h("div", {}, label, note)),
    problems,
    fields,
    others,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void apply({ ...draft, enabled: policy.switch.enabled });
  });

  /** What was chosen before the scope was all services, or nothing. */
  function chosen() {
    if (Array.isArray(seen)) return seen;
    return Array.isArray(policy.switch.scope) ? policy.switch.scope : [];
  }

  function change(part) {
    if (Array.isArray(draft.scope)) seen = draft.scope;
    draft = { ...draft, ...part };
    problems.replaceChildren();
    draw();
  }

  function reset() {
    draft = draftOf(policy.switch);
    problems.replaceChildren();
    draw();
  }

  async function apply(wanted) {
    set(form, "aria-busy", "true");
    try {
      const view = await post("api/switch", { revision: policy.revision, ...wanted });
      draft = undefined;
      problems.replaceChildren();
      onPolicy(view);
    } catch (error) {
      if (!(error instanceof Problems)) throw error;
      tell(error.problems);
    } finally {
      set(form, "aria-busy", false);
    }
  }

  function tell(lines) {
    problems.replaceChildren(
      h("p", {}, "Not changed."),
      h(
        "ul",
        {},
        lines.map((line) => h("li", {}, line)),
      ),
    );
  }

  function draw() {
    const { enabled } = policy.switch;
    set(toggle, "aria-checked", String(enabled));
    say(label, enabled ? "Retention is on" : "Retention is off");
    say(note, enabled ? inWords(policy.switch) : "Every request goes where the mesh sends it.");
    const isAll = draft.scope === "all";
    all.querySelector("input").checked = isAll;
    some.querySelector("input").checked = !isAll;
    for (const mode of modes)
      mode.querySelector("input").checked = mode.querySelector("input").value === draft.mode;
    services.draw(policy, isAll ? undefined : draft.scope);
    const isChanged = !same(draft, policy.switch);
    submit.disabled = !isChanged;
    discard.disabled = !isChanged;
    say(submit, policy.switch.enabled || !isChanged ? "Apply" : "Save, still off");
    say(meaning, MODES[draft.mode][1]);
    if (preview.open) void showPreview();
  }

  function toggleService(pattern) {
    const scope = draft.scope.includes(pattern)
      ? draft.scope.filter((one) => one !== pattern)
      : [...draft.scope, pattern];
    change({ scope });
  }

  async function showPreview() {
    if (!preview.open) return;
    try {
      const { before, after } = await post("api/preview", {
        revision: policy.revision,
        ...draft,
        enabled: policy.switch.enabled,
      });
      drawDiff(diff, before, after);
    } catch (error) {
      if (!(error instanceof Problems)) throw error;
      diff.replaceChildren(error.problems.join("\n"));
    }
  }

  return {
    update(view) {
      const isFirst = !policy;
      const isUntouched = !draft || !policy.switch || same(draft, policy.switch);
      policy = view;
      set(fields, "hidden", !view.switch);
      for (const element of [toggle, submit, discard]) element.disabled = !view.switch;
      say(effect, view.effect.text);
      set(effect, "data-live", String(view.effect.live));
      others.replaceChildren(...drawOthers(view), ...drawWarnings(view));
      if (!view.switch) return tell(view.problems);
      if (view.problems.length > 0) tell(view.problems);
      else if (!isFirst) problems.replaceChildren();
      if (isUntouched) draft = draftOf(view.switch);
      draw();
    },
  };
}

function radio(name, value, text, onchange) {
  return h(
    "label",
    { class: "segment" },
    h("input", { type: "radio", name, value, onchange }),
    h("span", {}, text),
  );
}

/** What is chosen and not yet applied; whether the policy is on is never a draft. */
const draftOf = ({ mode, scope }) => ({ mode, scope });

const same = (a, b) => JSON.stringify(normal(a)) === JSON.stringify(normal(b));

function normal({ mode, scope }) {
  return { mode, scope: Array.isArray(scope) ? [...scope].sort() : scope };
}

function inWords({ mode, scope }) {
  const what =
    scope === "all" ? "every service" : scope.length > 3 ? `${scope.length} patterns` : scope.join(", ");
  if (scope.length === 0) return "But no service is chosen yet.";
  if (mode === "observe") return `Observes ${what}: nothing is changed.`;
  return mode === "strict"
    ? `${what}: in the caller's cluster, or an error.`
    : `${what}: in the caller's cluster while that is healthy.`;
}
