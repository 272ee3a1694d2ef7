/** A JSON text before it is written: objects may have a key twice, and numbers any form. */
export type Tree = string | boolean | null | Num | Tree[] | Obj;

/** A number as it is written. */
export class Num {
  constructor(readonly text: string) {}
}

export class Obj {
  constructor(readonly entries: readonly (readonly [key: string, value: Tree])[]) {}
}

/** The tree of a plain value; fields that are undefined are left out. */
export function treeOf(value: unknown): Tree {
  if (typeof value === "number") return new Num(String(value));
  if (Array.isArray(value)) return value.map(treeOf);
  if (typeof value !== "object" || value === null) return value as Tree;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return new Obj(entries.map(([key, field]) => [key, treeOf(field)]));
}

/** The tree as JSON. */
export function write(tree: Tree): string {
  if (tree instanceof Num) return tree.text;
  if (Array.isArray(tree)) return `[${tree.map(write).join(", ")}]`;
  if (!(tree instanceof Obj)) return JSON.stringify(tree);
  return `{${tree.entries.map(([key, value]) => `${JSON.stringify(key)}: ${write(value)}`).join(", ")}}`;
}

/** How many values a tree has, itself included. */
export function count(tree: Tree): number {
  return 1 + partsOf(tree).reduce((sum, part) => sum + count(part), 0);
}

/** The value of this number, counted from 0, the tree itself being the first. */
export function nth(tree: Tree, number: number): Tree {
  let result = tree;
  edit(tree, number, (found) => (result = found));
  return result;
}

/** The tree with the value of this number edited. */
export function edit(tree: Tree, number: number, change: (value: Tree) => Tree): Tree {
  if (number === 0) return change(tree);
  let from = 1;
  const editPart = (part: Tree): Tree => {
    const at = number - from;
    const size = count(part);
    from += size;
    return at >= 0 && at < size ? edit(part, at, change) : part;
  };
  if (Array.isArray(tree)) return tree.map(editPart);
  if (tree instanceof Obj) return new Obj(tree.entries.map(([key, value]) => [key, editPart(value)]));
  return tree;
}

function partsOf(tree: Tree): readonly Tree[] {
  if (Array.isArray(tree)) return tree;
  return tree instanceof Obj ? tree.entries.map(([, value]) => value) : [];
}
