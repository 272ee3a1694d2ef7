import { post, Problems } from "./api.js";
import { drawDiff } from "./diff.js";
import { h, say, set } from "./dom.js";
import { createRuleChoice } from "./rule-choice.js";
import { drawOthers, drawWarnings } from "./rules.js";
import { createRunning } from "./running.js";
import { createServices } from "./services.js";
import { stateOf } from "./state.js";

const MODES = {
  strict: [
    "Strict",
    "Local endpoints, or an error: where a service has no healthy one, its callers there get 503, whatever other clusters have.",
  ],
  prefer: ["Prefer", "Local while an endpoint there is healthy, then the other clusters."],
  observe: ["Observe", "Changes nothing, and counts what strict would have changed."],
};

/** The switch with the scope and mode of one rule. What is chosen stays a draft until it is applied. */
export function createRetention(form, { onPolicy }) {
  let policy;
  /** As the switch sends it (src/console/view.ts, RuleChange). */
  let draft;
  let seen;
  let isApplying = false;
  /** The draft that is being applied: what is chosen meanwhile is another, and stays. */
  let sent;
  let applied = Promise.resolve();

  const toggle = h(
    "button",
    {
      type: "button",
      role: "switch",
      class: "switch",
      "aria-labelledby": "switch-label",
      "aria-describedby": "switch-note",
      onclick: () => apply(!policy.enabled),
    },
    h("span", { class: "thumb" }),
  );
  const label = h("p", { id: "switch-label", class: "switch-label" });
  const note = h("p", { id: "switch-note", class: "note" });
  const choice = createRuleChoice({ onChoose: (number) => show(number) });
  const all = radio("scope", "all", "All services", () => change({ scope: "all" }));
  const some = radio("scope", "some", "Chosen services", () => change({ scope: chosen() }));
  const services = createServices({ onToggle: toggleService });
  const modes = Object.entries(MODES).map(([mode, [name]]) =>
    radio("mode", mode, name, () => change({ mode })),
  );
  const meaning = h("p", { class: "note meaning", "aria-live": "polite" });
  const problems = h("div", { class: "problems", role: "alert" });
  const submit = h("button", { type: "submit", class: "primary" }, "Apply");
  const discard = h("button", { type: "button", onclick: () => show(draft.number) }, "Discard");
  const diff = h("pre", { class: "diff", tabindex: 0, "aria-label": "Changes of the policy file" });
  const effect = h("p", { class: "note effect" });
  const preview = h(
    "details",
    { ontoggle: () => showPreview() },
    h("summary", {}, "What Apply writes"),
    diff,
    effect,
  );
  const running = createRunning();
  const others = h("div", { class: "others" });
  // On a phone the picture comes first: what is seldom changed is folded. Elsewhere there is nothing to unfold it with.
  const wide = matchMedia("(min-width: 621px)");
  wide.addEventListener("change", () => set(fields, "open", wide.matches));
  const fields = h(
    "details",
    { class: "fields", open: wide.matches },
    h("summary", {}, "Scope and mode"),
    ...choice.elements,
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
    running.element,
    problems,
    fields,
    others,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void apply(policy.enabled);
  });

  /** What was chosen before the scope was all services, or nothing. */
  function chosen() {
    if (Array.isArray(seen)) return seen;
    const { scope } = ruleAsItIs(policy, draft.number);
    return Array.isArray(scope) ? scope : [];
  }

  function change(part) {
    if (Array.isArray(draft.scope)) seen = draft.scope;
    draft = { ...draft, ...part };
    problems.replaceChildren();
    draw();
  }

  /** Shows a rule as it is. */
  function show(number) {
    draft = ruleAsItIs(policy, number);
    seen = undefined;
    problems.replaceChildren();
    draw();
  }

  const isChanged = () => !same(draft, ruleAsItIs(policy, draft.number));

  /** One after the other: a change takes a second or two until the proxies have it. */
  function apply(enabled) {
    applied = applied.then(() => applyNow(enabled));
    return applied;
  }

  async function applyNow(enabled) {
    isApplying = true;
    set(form, "aria-busy", "true");
    sent = draft;
    const { number } = draft;
    const rule = isChanged() ? { rule: draft } : {};
    try {
      const view = await post("api/switch", { revision: policy.revision, enabled, ...rule });
      const now = ruleAsItIs(view, number === "new" && rule.rule ? view.rules.length - 1 : number);
      draft = draft === sent ? now : { ...draft, number: now.number };
      problems.replaceChildren();
      onPolicy(view);
    } catch (error) {
      if (!(error instanceof Problems)) throw error;
      tell("Not changed.", error.problems);
    } finally {
      isApplying = false;
      set(form, "aria-busy", false);
    }
  }

  function tell(title, lines) {
    problems.replaceChildren(
      h("p", {}, title),
      h(
        "ul",
        {},
        lines.map((line) => h("li", {}, line)),
      ),
    );
  }

  function draw() {
    set(toggle, "aria-checked", String(policy.enabled));
    const [title, words] = stateOf(policy);
    say(label, title);
    say(note, words);
    const isDraft = isChanged();
    choice.draw(policy, draft.number, isDraft);
    const isAll = draft.scope === "all";
    all.querySelector("input").checked = isAll;
    some.querySelector("input").checked = !isAll;
    for (const mode of modes)
      mode.querySelector("input").checked = mode.querySelector("input").value === draft.mode;
    services.draw(policy, isAll ? undefined : draft.scope, draft.number);
    const isBehind = running.isBehind && policy.effect.live;
    submit.disabled = !isDraft && !isBehind;
    discard.disabled = !isDraft;
    const name = policy.enabled ? "Apply" : "Save, still off";
    say(submit, isDraft ? name : isBehind ? "Write it for the proxies" : "Apply");
    say(meaning, MODES[draft.mode][1]);
    others.replaceChildren(...drawOthers(policy, draft.number), ...drawWarnings(policy));
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
    if (!isChanged()) return diff.replaceChildren("nothing: the file says so already");
    try {
      const { before, after } = await post("api/preview", {
        revision: policy.revision,
        enabled: policy.enabled,
        rule: draft,
      });
      drawDiff(diff, before, after);
    } catch (error) {
      if (!(error instanceof Problems)) throw error;
      diff.replaceChildren(error.problems.join("\n"));
    }
  }

  return {
    update(view) {
      const isWrong = view.enabled === undefined;
      const was = policy?.enabled !== undefined && draft ? policy : undefined;
      const isKept = was !== undefined && isSameRule(was, view, draft.number);
      const isLost = was !== undefined && !isWrong && !isKept && !isApplying && isChanged();
      policy = view;
      set(fields, "hidden", isWrong);
      for (const element of [toggle, submit, discard]) element.disabled = isWrong;
      say(effect, view.effect.text);
      set(effect, "data-live", String(view.effect.live));
      if (isWrong) return tell("This is not a policy.", view.problems);
      const isNewer = isApplying && draft !== sent;
      if (!isNewer && (!isKept || same(draft, ruleAsItIs(was, draft.number))))
        sent = draft = ruleAsItIs(
          view,
          isKept || (draft && isApplying) ? draft.number : (view.first ?? "new"),
        );
      if (view.problems.length > 0) tell("The policy and the inventory do not agree.", view.problems);
      else if (isLost) tell("The rule was changed in the file.", ["What was chosen here is dropped."]);
      else problems.replaceChildren();
      draw();
    },
    /** Says in which proxies the policy runs. */
    showRunning(proxies) {
      const wasBehind = running.isBehind;
      running.show(policy, proxies);
      if (running.isBehind !== wasBehind) draw();
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

/** A rule of the policy as a draft begins. */
function ruleAsItIs({ rules }, number) {
  const rule = rules[number];
  if (rule?.scope === undefined) return { number: "new", mode: "strict", scope: [] };
  return { number, mode: rule.mode, scope: rule.scope };
}

/** Whether the number stands for the same rule after the file was changed. */
function isSameRule(before, after, number) {
  return JSON.stringify(before.rules[number]) === JSON.stringify(after.rules[number]);
}

const same = (a, b) => JSON.stringify(normal(a)) === JSON.stringify(normal(b));

function normal({ mode, scope }) {
  return { mode, scope: Array.isArray(scope) ? [...scope].sort() : scope };
}
