import { isDeepStrictEqual } from "node:util";
import {
  isMap,
  isScalar,
  isSeq,
  parse,
  parseDocument,
  Scalar,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { formatOf } from "../input/parse.ts";
import type { RuleChange, Switch } from "./view.ts";

/**
 * The text of a policy file after the switch is set: comments, other rules and, where it can be, every other character
 * stay as they are. The text must be that of a policy which has the rule.
 */
export function setSwitch(text: string, file: string, wanted: Switch): string {
  const edited = edit(text, file, wanted);
  return text.includes("\r\n") ? edited.replace(/\r?\n/g, "\r\n") : edited;
}

function edit(text: string, file: string, wanted: Switch): string {
  const document = parseDocument(text, MERGE);
  const { number = "new" } = wanted.rule ?? {};
  const shared = number !== "new" && unshare(document);
  const patches = [...setEnabled(document, wanted), ...(wanted.rule ? setRule(document, wanted.rule) : [])];
  if (formatOf(file, "yaml") === "json") return `${JSON.stringify(document.toJS(), null, 2)}\n`;
  const patched = shared || patches.includes(REWRITE) ? undefined : applyPatches(text, patches);
  // What a patch cannot express is written by the library, which keeps comments but not each space.
  if (patched !== undefined && says(patched, document.toJS())) return patched;
  return document.toString({ lineWidth: 0, flowCollectionPadding: /\[ \S/.test(text) });
}

const MERGE = { merge: true };

/**
 * Gives each place that an alias stands in a copy of what it stands for: an edit of one rule must change no other. Returns
 * whether there were any.
 */
function unshare(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias: (_, alias) => {
      const copy = alias.resolve(document)?.clone() as Node | undefined;
      if (!copy) return undefined;
      found = true;
      return copy;
    },
  });
  // Only now: an alias further down may stand for the same.
  visit(document, {
    Node: (_, node) => {
      delete (node as { anchor?: string }).anchor;
      if (isMap(node)) inline(node);
    },
  });
  return found;
}

/** Puts into a mapping what is merged into it; what it has itself goes first. */
function inline(map: YAMLMap): void {
  const isMerge = ({ key }: Pair) => isScalar(key) && (key.value === "<<" || typeof key.value === "symbol");
  const merged = map.items.filter(isMerge).flatMap(({ value }) => (isSeq(value) ? value.items : [value]));
  map.items = map.items.filter((item) => !isMerge(item));
  for (const source of merged)
    for (const item of isMap(source) ? source.items : []) if (!map.has(item.key)) map.items.push(item);
}

/** A part of the text that is to be another. */
interface Patch {
  from: number;
  to: number;
  text: string;
}
const REWRITE: Patch = { from: -1, to: -1, text: "" };

function setEnabled(document: Document, { enabled }: Switch): Patch[] {
  const root = document.contents as YAMLMap;
  const node = root.get("enabled", true);
  if (node) return setScalar(root, "enabled", enabled);
  if (enabled) return [];
  const version = root.items.findIndex(({ key }) => isScalar(key) && key.value === "version");
  root.items.splice(version + 1, 0, document.createPair("enabled", enabled));
  return [REWRITE];
}

function setRule(document: Document, { number, mode, scope }: RuleChange): Patch[] {
  const wanted = scope === "all" ? ["*"] : scope;
  const root = document.contents as YAMLMap;
  if (number === "new") {
    const rule = document.createNode({ services: wanted, mode }) as YAMLMap;
    (rule.get("services") as YAMLSeq).flow = true;
    const rules = root.get("rules", true);
    // `rules: []` is a list on one line, which a whole rule does not fit.
    if (isSeq(rules) && rules.items.length > 0) rules.add(rule);
    else root.set("rules", document.createNode([rule]));
    return [REWRITE];
  }
  const rule = document.getIn(["rules", number]) as YAMLMap;
  const patches = [...setScalar(rule, "mode", mode), ...setServices(document, rule, wanted)];
  if (mode !== "prefer" && rule.delete("order")) patches.push(REWRITE);
  return patches;
}

function setScalar(map: YAMLMap, key: string, value: string | boolean): Patch[] {
  const node = map.get(key, true) as unknown;
  if (!isScalar(node)) {
    map.set(key, value);
    return [REWRITE];
  }
  if (node.value === value) return [];
  node.value = value;
  node.type = Scalar.PLAIN;
  return node.range ? [{ from: node.range[0], to: node.range[1], text: String(value) }] : [REWRITE];
}

function setServices(document: Document, rule: YAMLMap, wanted: readonly string[]): Patch[] {
  const list = rule.get("services", true) as unknown;
  const now = rule.toJSON() as { services?: string[] };
  if (isDeepStrictEqual([...(now.services ?? [])].sort(), [...wanted].sort())) return [];
  if (!isSeq(list)) {
    rule.set("services", document.createNode(wanted));
    return [REWRITE];
  }
  const kept = list.items.filter((item) => isScalar(item) && wanted.includes(String(item.value)));
  const known = kept.map((item) => String((item as Scalar).value));
  const added = wanted.filter((pattern) => !known.includes(pattern));
  list.items = [...kept, ...added.map((pattern) => document.createNode(pattern))];
  if (!list.flow || !list.range || list.items.some((item) => (item as Scalar).comment)) return [REWRITE];
  return [
    { from: list.range[0], to: list.range[1], text: `[${[...known, ...added].map(quoted).join(", ")}]` },
  ];
}

/** A pattern with a star needs quotes: `*` alone begins an alias. */
function quoted(pattern: string): string {
  return pattern.startsWith("*") || pattern.includes("*") ? JSON.stringify(pattern) : pattern;
}

function applyPatches(text: string, patches: readonly Patch[]): string {
  const fromTheEnd = [...patches].sort((a, b) => b.from - a.from);
  return fromTheEnd.reduce((so, { from, to, text }) => so.slice(0, from) + text + so.slice(to), text);
}

function says(text: string, value: unknown): boolean {
  try {
    return isDeepStrictEqual(parse(text, MERGE), value);
  } catch {
    return false;
  }
}
