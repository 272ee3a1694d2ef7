/** Where a field is: keys of objects and indexes of lists, from the root. */
export type Path = readonly (string | number)[];

/** `rules[0].services[1]`; `(root)` for the whole. The filter writes its paths the same way. */
export function formatPath(path: Path): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
  return text === "" ? "(root)" : text.replace(/^\./, "");
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
