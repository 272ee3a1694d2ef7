import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { readDocuments } from "../../src/inventory/kubernetes/documents.ts";

const read = (text: string) => readDocuments(text, "all.yaml");
const problemsOf = (text: string) => read(text).problems.map(({ line, message }) => `${line}: ${message}`);

describe("the files of an inventory", () => {
  const withoutKind = { apiVersion: "v1", metadata: { name: "a" }, spec: {} };
  const service = { kind: "Service", ...withoutKind };

  test.each([
    ["a List, as kubectl prints several kinds", { apiVersion: "v1", items: [service], kind: "List" }],
    ["a typed list, whose items leave their kind out", { kind: "ServiceList", items: [withoutKind] }],
    ["one object", service],
  ])("%s, in YAML and in JSON", (_, value) => {
    expect(read(stringify(value)).values).toEqual([service]);
    expect(read(JSON.stringify(value, null, 4)).values).toEqual([service]);
  });

  test("several documents, empty ones and comments between them", () => {
    const text = `# first\n---\n---\n${stringify(service)}...\n---\n# nothing\n---\n${stringify(service)}`;
    expect(read(text).values).toEqual([service, service]);
    expect(read("").values).toEqual([]);
    expect(read("# nothing\n").values).toEqual([]);
  });

  test.each([
    ["line ends of Windows, and a byte order mark", "\uFEFFkind: Service\r\nmetadata:\r\n  name: a\r\n"],
    ["flow style that is no JSON", "{kind: Service, metadata: {name: a}}"],
    ["a directive", "%YAML 1.1\n---\nkind: Service\nmetadata: {name: a}\n"],
    ["lists that are not indented, and ones that are", "kind: S\na:\n- b\n- - c\nd:\n  - e: 1\n    f: 2\n"],
    ["texts over several lines", "kind: S\na: |\n  x: 1\n   y\nb: >-\n  one\n  two\nc: a\n  b\nd: 'it''s'\n"],
    ["texts that look like other things", "kind: S\na: \"on\"\nb: '1'\nc: 1.10\nd: 2026-03-14T09:26:53Z\n"],
    ["keys in quotes, and a question mark", '"kind": S\n? a\n: b\n'],
    ["a hash and a colon inside of a text", "kind: S\na: b#c:d\ne: http://f # g\n"],
    ["anchors", "kind: S\na: &x {b: 1}\nc: *x\n"],
  ])("%s: the same as another parser reads", (_, text) => {
    const { values, problems } = read(text);
    expect(problems).toEqual([]);
    const others = parseAllDocuments(text) as { toJS: () => unknown }[];
    expect(values).toEqual(others.map((one) => one.toJS()));
  });

  test("whatever values there are: the same as was written", () => {
    const value = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 4 }), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(value, fc.constantFrom(20, 80, 0), (fields, lineWidth) => {
        const text = JSON.stringify({ ...fields, kind: "S" });
        // `yaml` writes a field of this name without quotes, which makes a merge of it.
        fc.pre(!text.includes('"<<":'));
        const object = JSON.parse(text) as object;
        expect(read(stringify(object, { version: "1.1", lineWidth })).values).toEqual([object]);
      }),
      { numRuns: 1000 },
    );
  });

  test("what kubectl takes for booleans, and merges", () => {
    const text = "kind: S\na: [yes, no, on, Off, y, N, true]\nb: &b {c: 1}\nd:\n  <<: *b\n  e: no\n";
    const merged = { kind: "S", b: { c: 1 }, d: { c: 1, e: false } };
    expect(read(text).values).toEqual([{ ...merged, a: [true, false, true, false, true, false, true] }]);
  });

  test("what is wrong, with its line", () => {
    expect(problemsOf("kind: S\nkind: T\n")).toEqual(["2: not YAML: duplicated mapping key"]);
    expect(problemsOf("kind: S\n\ta: 1\n")[0]).toMatch(/^2: not YAML: /);
    expect(problemsOf("kind: *nobody\n")[0]).toMatch(/^1: not YAML: /);
    expect(problemsOf('{"kind": "S",\n"a" 1}')[0]).toMatch(/^2: /);
    expect(problemsOf("[".repeat(1_000_000))).toHaveLength(1);
  });
});
