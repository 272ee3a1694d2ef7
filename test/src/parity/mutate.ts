import fc from "fast-check";
import { anyKey, anyText, numbers } from "./words.ts";
import { count, edit, nth, Num, Obj, write, type Tree } from "./tree.ts";

/** A change to a configuration; what it hits is chosen by numbers, so that fast-check can shrink them. */
interface Mutation {
  kind: (typeof KINDS)[number];
  at: number;
  other: number;
  value: Tree;
  key: string;
}

const KINDS = [
  "replace",
  "replace text",
  "remove",
  "add field",
  "rename field",
  "repeat item",
  "repeat field",
  "rotate",
  "copy",
] as const;

const value: fc.Arbitrary<Tree> = fc.oneof(
  { weight: 4, arbitrary: anyText },
  { weight: 2, arbitrary: numbers.map((text) => new Num(text)) },
  { weight: 2, arbitrary: fc.constantFrom<Tree>(null, true, false, [], new Obj([])) },
  { weight: 1, arbitrary: fc.array(anyText, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.nat(40).map(nested) },
  {
    weight: 1,
    arbitrary: fc.array(fc.tuple(anyKey, anyText), { maxLength: 2 }).map((entries): Tree => new Obj(entries)),
  },
);

/** Lists and objects in each other, so many levels deep. */
function nested(levels: number): Tree {
  if (levels === 0) return null;
  const inner = nested(levels - 1);
  return levels % 2 === 0 ? [inner] : new Obj([["a", inner]]);
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.nat(),
  other: fc.nat(),
  value,
  key: anyKey,
});

export function mutate(tree: Tree, { kind, at, other, value, key }: Mutation): Tree {
  return edit(tree, at % count(tree), (found) => {
    if (kind === "replace") return value;
    if (kind === "replace text")
      return typeof found === "string" && typeof value === "string" ? value : found;
    if (kind === "copy") return nth(tree, other % count(tree));
    if (Array.isArray(found)) return list(found, kind, other);
    return found instanceof Obj ? new Obj(fields(found.entries, kind, other, value, key)) : found;
  });
}

function list(items: Tree[], kind: Mutation["kind"], other: number): Tree[] {
  const at = other % Math.max(items.length, 1);
  if (kind === "remove") return items.toSpliced(at, 1);
  if (kind === "repeat item") return [...items, ...items.slice(at, at + 1)];
  return kind === "rotate" ? [...items.slice(at), ...items.slice(0, at)] : items;
}

function fields(
  entries: Obj["entries"],
  kind: Mutation["kind"],
  other: number,
  value: Tree,
  key: string,
): Obj["entries"] {
  const at = other % Math.max(entries.length, 1);
  const [entry] = entries.slice(at);
  if (kind === "add field") return [...entries, [key, value]];
  if (kind === "rotate") return [...entries.slice(at), ...entries.slice(0, at)];
  if (!entry) return entries;
  if (kind === "remove") return entries.toSpliced(at, 1);
  if (kind === "rename field") return entries.with(at, [key, entry[1]]);
  return kind === "repeat field" ? [...entries, [entry[0], other % 2 === 0 ? entry[1] : value]] : entries;
}

/** A change to a text: a character less, or a piece more. */
export const slip = fc.record({
  at: fc.nat(),
  insert: fc.option(
    fc.constantFrom(...Array.from('{}[]:,"\\\n\t 0-.é'), "\\u0041", "\\ud800", "\\x", "null", "/*", "\u0001"),
  ),
});

export function slipped(tree: Tree, { at, insert }: { at: number; insert: string | null }): string {
  const text = write(tree);
  const place = at % (text.length + 1);
  return insert === null
    ? text.slice(0, place) + text.slice(place + 1)
    : text.slice(0, place) + insert + text.slice(place);
}
