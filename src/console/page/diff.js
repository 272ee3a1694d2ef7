import { h } from "./dom.js";

/** The lines that go and come, with one around them. */
export function drawDiff(parent, before, after) {
  const [old, now] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  if (before === after) return parent.replaceChildren("nothing: the file says so already");
  const line = (sign, text) =>
    h("span", { class: sign === "+" ? "added" : sign === "-" ? "removed" : "" }, `${sign} ${text}\n`);
  parent.replaceChildren(
    ...old.slice(Math.max(0, start - 1), start).map((text) => line(" ", text)),
    ...old.slice(start, old.length - end).map((text) => line("-", text)),
    ...now.slice(start, now.length - end).map((text) => line("+", text)),
    ...old
      .slice(old.length - end)
      .slice(0, 1)
      .map((text) => line(" ", text)),
  );
}
