import { createRequire } from "node:module";
import type * as Yaml from "yaml";
import type { CST, Document, Node, Pair, Scalar, YAMLMap } from "yaml";
import { readFast, resolveCore } from "./fast-yaml.ts";
import type { Path } from "./path.ts";
import type { Finding } from "./problem.ts";
import type { Place } from "./source.ts";

const load = createRequire(import.meta.url);
/** Loaded when it is needed: most files are read without it, and it would be a good part of what starting takes. */
const yaml = () => load("yaml") as typeof Yaml;

export interface YamlText {
  value: unknown;
  /** Keys given twice. */
  findings: Finding[];
  find: (path: Path) => Place | undefined;
}

/** Text that is not one YAML 1.2 document: each reason with its offset. */
export class YamlSyntaxError extends Error {
  constructor(readonly errors: readonly { message: string; at: number }[]) {
    super(errors.map(({ message }) => message).join("; "));
  }
}

/** The parser's stack holds one or two entries a level. Without a bound, a megabyte of "[" takes gigabytes of memory. */
const MAX_STACK = 64;

/** Mappings may be merged into others by the key `<<`, as in YAML 1.1: people write it, and kubectl reads it. */
const OPTIONS = { prettyErrors: false, uniqueKeys: false, merge: true };

/** Reads one YAML 1.2 document (core schema, with merges), keeping places. Throws YamlSyntaxError. */
export function readYaml(text: string): YamlText {
  const fast = readFast(text, resolveCore);
  // An empty text is told what it lacks.
  if (fast?.length === 1 && fast[0]!.value !== null) return { ...fast[0]!, findings: [] };
  return readCarefully(text);
}

/** The same by the package `yaml`, which knows all of YAML and says what is wrong. */
export function readCarefully(text: string): YamlText {
  const [document, second] = new (yaml().Composer)(OPTIONS).compose(tokens(text), true, text.length);
  if (second) throw wrong("found a second document, allowed: one", second.range[0]);
  const errors = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
  if (errors.length > 0)
    throw new YamlSyntaxError(
      errors.map(({ message, pos }) => ({ message: `not YAML: ${message}`, at: pos[0] })),
    );
  if (!document?.contents || (yaml().isScalar(document.contents) && document.contents.source === ""))
    throw wrong("the file is empty", 0);
  return {
    value: valueOf(document),
    findings: repeatedKeys(document),
    find: (path) => findPlace(document, path),
  };
}

function* tokens(text: string): Generator<CST.Token> {
  const parser = new (yaml().Parser)();
  for (const lexeme of new (yaml().Lexer)().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_STACK) throw wrong("nested too deep", parser.offset);
  }
  yield* parser.end();
}

function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // An alias without an anchor, or aliases that multiply without bound.
    throw wrong(`not YAML: ${(error as Error).message}`, 0);
  }
}

function repeatedKeys(document: Document): Finding[] {
  const findings: Finding[] = [];
  yaml().visit(document, {
    Map(_, map, ancestors) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        const name = yaml().isScalar(key) ? nameOf(key) : key;
        if (seen.has(name)) {
          const path = [...pathOf([...ancestors, map]), String(name)];
          findings.push({ code: "CL0204", path, key: true, message: "found a second time, allowed once" });
        }
        seen.add(name);
      }
    },
  });
  return findings;
}

/** The path of the last of nested nodes, as `visit` lists them: documents, collections and pairs. */
function pathOf(nodes: readonly unknown[]): Path {
  const path: (string | number)[] = [];
  nodes.forEach((node, i) => {
    if (yaml().isMap(node)) {
      const pair = nodes[i + 1];
      const item = node.items.find((item) => item === pair);
      if (item) path.push(yaml().isScalar(item.key) ? nameOf(item.key) : String(item.key));
    } else if (yaml().isSeq(node)) {
      const index = node.items.indexOf(nodes[i + 1]);
      if (index >= 0) path.push(index);
    }
  });
  return path;
}

function findPlace(document: Document, path: Path): Place | undefined {
  let node: Node | null | undefined = document.contents;
  let key: number | undefined;
  for (const part of path) {
    if (yaml().isAlias(node)) node = node.resolve(document);
    if (yaml().isMap(node)) {
      const pair = pairIn(node, String(part), document);
      key = (pair?.key as Node | undefined)?.range?.[0];
      node = pair?.value as Node | null | undefined;
    } else if (yaml().isSeq(node)) {
      key = undefined;
      node = node.items[part as number] as Node | undefined;
    } else return undefined;
  }
  const at = node?.range?.[0] ?? key;
  if (at === undefined) return undefined;
  const written = yaml().isScalar(node) && typeof node.source === "string" ? node.source : undefined;
  return { at, ...(key !== undefined && { key }), ...(written !== undefined && { written }) };
}

/** The package makes a symbol of the key of a merge. */
function nameOf({ value }: Scalar): string {
  return typeof value === "symbol" ? (value.description ?? "") : String(value);
}

/** The pair of a key, in the mapping itself or in those that are merged into it. */
function pairIn(map: YAMLMap, name: string, document: Document): Pair | undefined {
  const named = (name: string) =>
    map.items.findLast(({ key }) => yaml().isScalar(key) && nameOf(key) === name);
  const own = named(name);
  const merged = own ? undefined : named("<<")?.value;
  if (merged === undefined) return own;
  for (const source of yaml().isSeq(merged) ? merged.items : [merged]) {
    const node = yaml().isAlias(source) ? source.resolve(document) : source;
    const found = yaml().isMap(node) ? pairIn(node, name, document) : undefined;
    if (found) return found;
  }
  return undefined;
}

function wrong(message: string, at: number): YamlSyntaxError {
  return new YamlSyntaxError([{ message, at }]);
}
