/** Where a field is: keys of objects and indexes of lists, from the root. */
export type Path = readonly (string | number)[];

/** `rules[0].services[1]`; `(root)` for the whole. The filter writes its paths the same way. */
export function formatPath(path: Path): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${shown(part)}`)).join("");
  return text.replace(/^\./, "") || "(root)";
}

/** Keys are cut, in bytes but not in the middle of a character, so that no input makes a path grow without bound. */
const SHOWN = 80;

function shown(key: string): string {
  const bytes = Buffer.from(key);
  let end = Math.min(bytes.length, SHOWN);
  while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
  // Nor does any make it two lines.
  return bytes.toString("utf8", 0, end).replace(/[^ -~\u0080-\u{10ffff}]/gu, "?");
}

/** What stands at the path in a parsed value; undefined where nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}
