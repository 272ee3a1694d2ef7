/** The words that messages are made of. The filter uses the same (assembly/core/problems.ts, fields.ts). */

/** Longer texts are cut, so that no input makes a message grow without bound. */
const SHOWN = 80;

/** `"a", "b" or "c"`. */
export function oneOf(options: readonly string[]): string {
  const quoted = options.map((option) => JSON.stringify(option));
  const last = quoted.pop() ?? "";
  return quoted.length === 0 ? last : `${quoted.join(", ")} or ${last}`;
}

/** `1 endpoint`, `2 endpoints`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** A found value in words; `written` is its text in the file, where that is known. */
export function describe(value: unknown, written?: string): string {
  if (typeof value === "string") return quoted(value);
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "number" || typeof value === "bigint") return `the number ${written ?? String(value)}`;
  if (typeof value === "boolean") return written ?? String(value);
  return "an object";
}

/** A text that is not longer than so many letters and the sign that it was cut. */
export function cut(text: string, letters = SHOWN): string {
  return text.length > letters ? `${text.slice(0, letters)}…` : text;
}

function quoted(text: string): string {
  return JSON.stringify(cut(text));
}
