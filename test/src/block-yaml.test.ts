import fc from "fast-check";
import { boolYaml11Tag, CORE_SCHEMA, dump, load, mergeTag } from "js-yaml";
import { stringify } from "yaml";
import { expect, test } from "vitest";
import { readBlocks } from "../../src/input/block-yaml.ts";

const SCHEMA = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag);
const other = (text: string) => load(text, { schema: SCHEMA });

const KUBECTL = `apiVersion: v1
kind: Service
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {"apiVersion":"v1","kind":"Service"}
    note: |-
      one

        two
  creationTimestamp: "2026-03-14T09:26:53Z"
  labels: {}
  name: reviews
  uid: 00001eef-6c1e-4f0a-9b1d-000000000000
spec:
  clusterIP: 10.96.0.1
  clusterIPs:
  - 10.96.0.1
  empty: ""
  externalIPs: []
  matrix:
  - - a
    - -1
  - b: it's
    c: 'it''s'
  nothing: null
  none:
  ports:
  - name: http
    port: 9080
    # said beside it
    targetPort: http-web
  ratio: 0.25
  sticky: no
  url: http://example.com/a?b=c#d
`;

test("what kubectl prints is read as js-yaml reads it", () => {
  expect(readBlocks(KUBECTL)).toEqual(other(KUBECTL));
});

test.each([
  ["anchors", "a: &x 1\nb: *x\n"],
  ["tags", "a: !!str 1\n"],
  ["merges", "a: {b: 1}\n<<: {c: 1}\n"],
  ["flow style", "a: [1, 2]\n"],
  ["a text over several lines", "a: one\n  two\n"],
  ["a folded text", "a: >-\n  one\n  two\n"],
  ["a comment behind a value", "a: b # c\n"],
  ["odd numbers", "a: 0x10\n"],
  ["numbers with zeros", "a: 0123\n"],
  ["a number with an exponent", "a: 1e3\n"],
  ["keys in quotes", '"a": b\n'],
  ["keys that are booleans", "on: b\n"],
  ["escapes that JSON does not know", 'a: "\\x41"\n'],
  ["tabs", "a:\tb\n"],
  ["line ends of Windows", "a: b\r\n"],
  ["several documents", "a: b\n---\nc: d\n"],
  ["a key twice", "a: b\na: c\n"],
  ["a line that is out of place", "a:\n    b: c\n  d: e\n"],
  ["a text that goes on after its quote", 'a: "b" c\n'],
  ["a literal that begins with an empty line", "a: |\n\n  b\n"],
  ["no line end", "a: b"],
  ["one scalar", "a\n"],
  ["nothing", "\n"],
  ["__proto__", "__proto__: 1\n"],
])("%s: left to js-yaml", (_, text) => {
  expect(readBlocks(text)).toBeUndefined();
});

const word = fc.stringMatching(/^[a-zA-Z0-9_.:/#'" ~|>@%*&!?{}[\],=+-]{0,12}$/);
const plain = fc.stringMatching(/^[a-z0-9]([-a-z0-9.: ]{0,8}[a-z0-9])?$/);
const scalar = fc.oneof(
  { weight: 8, arbitrary: plain },
  word,
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);
const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_./:-]{0,10}$/);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));
const root = fc.dictionary(name, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true });

/** Where it gives an answer at all, it is js-yaml's, for what three writers make of any value, and for what is broken. */
test("it never reads otherwise than js-yaml", { timeout: 60_000 }, () => {
  let read = 0;
  const same = (text: string) => {
    const found = readBlocks(text);
    if (found === undefined) return;
    read++;
    expect(found).toEqual(other(text));
  };
  fc.assert(
    fc.property(root, fc.nat(), fc.nat(), (object, at, length) => {
      for (const text of [
        dump(object, { lineWidth: -1 }),
        stringify(object, { version: "1.1", indentSeq: false }),
        stringify(object, { lineWidth: 0, blockQuote: "literal" }),
      ]) {
        same(text);
        const from = at % text.length;
        same(text.slice(0, from) + text.slice(from + (length % 8)));
      }
    }),
    { numRuns: 500 },
  );
  expect(read).toBeGreaterThan(500);
});
