import { h, list, say, set } from "./dom.js";
import { count, time } from "./format.js";

const WORDS = {
  local: "stayed",
  remote: "crossed",
  none: "no answer",
  unknown: "unknown",
  leak: "leak",
  switch: "switch",
  live: "live",
  refused: "refused",
};

/** So many entries are shown. */
const SHOWN = 80;

/** The log of decisions, the newest first. */
export function createLog(parent, { onChoose }) {
  const entries = new Map();
  const kept = new Map();

  function newEntry({ arrow }) {
    const parts = [
      h("span", { class: "when" }),
      h("span", { class: "word" }),
      h("span", { class: "what" }),
      h("span", { class: "times" }),
      h("span", { class: "why" }),
    ];
    const body = arrow
      ? h("button", { type: "button", onclick: () => onChoose(arrow) }, ...parts)
      : h("div", {}, ...parts);
    return h("li", {}, body);
  }

  function update(element, entry) {
    const [when, word, what, times, why] = element.firstChild.children;
    set(element, "data-kind", entry.kind);
    say(when, time(entry.since));
    say(word, WORDS[entry.kind] ?? entry.kind);
    say(what, entry.what);
    say(
      times,
      entry.count > 1 || "local remote none leak".includes(entry.kind) ? `${count(entry.count)}×` : "",
    );
    say(why, entry.reason);
  }

  return {
    update(changed) {
      for (const entry of changed) entries.set(entry.id, entry);
      const newest = [...entries.values()].sort((a, b) => b.id - a.id).slice(0, SHOWN);
      if (entries.size > SHOWN * 2)
        for (const id of entries.keys()) if (id < newest.at(-1).id) entries.delete(id);
      list(parent, kept, newest, ({ id }) => id, newEntry, update);
    },
    clear() {
      entries.clear();
    },
  };
}
