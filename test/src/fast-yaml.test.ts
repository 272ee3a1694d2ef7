import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readFast, resolveCore } from "../../src/input/fast-yaml.ts";
import type { Path } from "../../src/input/path.ts";
import { readCarefully, YamlSyntaxError, type YamlText } from "../../src/input/yaml.ts";

const root = join(import.meta.dirname, "../..");
const files = ["test/golden", "examples"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(root, folder, name)),
);
const texts = files.map((file) => readFileSync(file, "utf8"));

/** All paths of a value. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** Where nothing stands, they may differ by the space around it. */
function placeIn({ find }: Pick<YamlText, "find">, path: Path): unknown {
  const place = find(path);
  return place?.written === "" ? { key: place.key } : place;
}

/** Whether the fast reader took the text; what it then says is compared with what the careful one does. */
function compared(text: string): boolean {
  const fast = readFast(text, resolveCore);
  if (fast?.length !== 1 || fast[0]!.value === null) return false;
  const careful = readCarefully(text);
  expect(fast[0]!.value).toEqual(careful.value);
  expect(careful.findings).toEqual([]);
  for (const path of pathsOf(careful.value))
    expect({ path, place: placeIn(fast[0]!, path) }).toEqual({ path, place: placeIn(careful, path) });
  return true;
}

test("what the fast reader takes of our own files, it reads as the careful one does", () => {
  let taken = 0;
  for (const text of texts) {
    try {
      if (compared(text)) taken++;
    } catch (error) {
      if (!(error instanceof YamlSyntaxError)) throw error;
    }
  }
  expect(taken).toBeGreaterThan(100);
});

const scalar = fc.constantFrom(
  ...[
    "1.10",
    "0x1F",
    "0o17",
    "1e3",
    "+12",
    "-.5",
    ".inf",
    ".nan",
    "yes",
    "on",
    "no",
    "true",
    "TRUE",
    "tRue",
    "null",
    "~",
  ],
  ...[
    "",
    "a b",
    "'it''s'",
    '"a\\tb"',
    "a#b",
    "*.com",
    '"*"',
    "[]",
    "{}",
    "[a, b]",
    "{a: 1}",
    "007",
    "1_000",
    "0b11",
    "a:b",
  ],
  ...[
    "2026-01-01",
    "12:30:45",
    "<<",
    "=",
    "- x",
    "a: b",
    "&x",
    "!!str 1",
    "|",
    "9007199254740993",
    "x\n   y",
    "[a,\n b]",
  ],
);
const line = fc
  .record({
    indent: fc.constantFrom(0, 2, 4),
    dash: fc.boolean(),
    key: fc.constantFrom("a", "b", "c", '"d"', "", "1"),
    scalar,
  })
  .map(
    ({ indent, dash, key, scalar }) =>
      `${" ".repeat(indent)}${dash ? "- " : ""}${key === "" ? "" : `${key}: `}${scalar}`,
  );

test("and of generated texts, whether they are YAML or not", () => {
  let taken = 0;
  const agree = fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
    if (compared(`${lines.join("\n")}\n`)) taken++;
  });
  fc.assert(agree, { numRuns: 20_000 });
  expect(taken).toBeGreaterThan(2000);
});
