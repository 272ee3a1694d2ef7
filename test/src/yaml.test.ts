import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parsePolicy } from "../../src/policy/policy.ts";
import { toYaml } from "../../src/targets/envoy/yaml.ts";
import { readYaml } from "../../src/input/yaml.ts";

/** Texts that some reader of YAML takes for something else. */
const odd = [
  "on",
  "no",
  "y",
  "n",
  "1.10",
  "0x1",
  "1e3",
  "~",
  "null",
  "true",
  "",
  " a ",
  "- a",
  "a: b",
  "# a",
  "1:20",
  "0o7",
];

describe("toYaml", () => {
  const text = fc.oneof(fc.constantFrom(...odd), fc.string(), fc.string({ unit: "grapheme" }));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.oneof(text, fc.boolean(), fc.integer()),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        tie("value"),
        { maxKeys: 4 },
      ),
    ),
  }));

  test.each(["1.1", "1.2"] as const)("is read back as it was by YAML %s", (version) => {
    fc.assert(
      fc.property(
        fc.dictionary(
          text.filter((key) => key !== "__proto__"),
          value,
          { maxKeys: 4 },
        ),
        (message) => {
          expect(parse(toYaml(message, "comment"), { version, merge: false })).toEqual(message);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("quotes every text, and every key that is no simple name", () => {
    const lines = toYaml({ id: "on", "1.10": "no", y: ["n"], count: 1, sure: true }, "c")
      .split("\n")
      .slice(2, -1);
    expect(lines).toEqual(['id: "on"', '"1.10": "no"', '"y": ["n"]', "count: 1", "sure: true"]);
  });

  test("writes a text of several lines as a block", () => {
    expect(toYaml({ value: '{\n  "a": 1\n}\n' }, "c")).toContain('value: |\n  {\n    "a": 1\n  }\n');
  });
});

describe("readYaml", () => {
  test("follows anchors, and finds the place of a field behind one", () => {
    const text = "a: &a\n  b: 1.10\nc: *a\n";
    const { value, find } = readYaml(text);
    expect(value).toEqual({ a: { b: 1.1 }, c: { b: 1.1 } });
    expect(find(["c", "b"])).toMatchObject({ at: text.indexOf("1.10"), written: "1.10" });
  });

  test("survives 5 MB of nesting", () => {
    for (const text of ["[".repeat(5_000_000), '{"a":'.repeat(1_000_000), "- ".repeat(2_500_000)]) {
      expect(() => readYaml(text)).toThrow("nested too deep");
    }
  });

  test("gives up on no text with anything but problems", () => {
    const pieces = fc.constantFrom(
      ...Array.from("[]{}:,-?&*!|>'\"%@`#\n\t "),
      "a",
      "1",
      "- ",
      "\n  ",
      ": ",
      "<<",
      "---\n",
      "...",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        expect(parsePolicy(parts.join(""), "policy.yaml").ok).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });
});
