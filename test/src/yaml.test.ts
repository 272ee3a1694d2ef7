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

describe("anchors and merges in a policy", () => {
  const policy = `version: 1
clusters: &all [m1c1, m1c2]
rules:
  - &careful
    services: [default/reviews]
    mode: prefer
    order: *all
    callers: [default/productpage]
  - <<: *careful
    services: [default/ratings]
  - <<: [{ mode: strict }, *careful]
    services: [default/details]
    order: [m1c2]
`;

  test("say what they say when they are written out", () => {
    const parsed = parsePolicy(policy.replace("    order: [m1c2]\n", ""), "policy.yaml");
    // The order is merged in, and allowed only with mode prefer.
    expect(parsed.ok ? [] : parsed.problems.map(({ path, line }) => [path, line])).toEqual([
      ["rules[2].order", 7],
    ]);
    const good = parsePolicy(policy.split("  - <<: [")[0]!, "policy.yaml");
    expect(good.ok && good.value.rules).toEqual([
      {
        ...{ services: ["default/reviews"], mode: "prefer", order: ["m1c1", "m1c2"] },
        callers: ["default/productpage"],
      },
      {
        ...{ services: ["default/ratings"], mode: "prefer", order: ["m1c1", "m1c2"] },
        callers: ["default/productpage"],
      },
    ]);
  });

  test("have their errors where they are written", () => {
    const parsed = parsePolicy(policy.replace("mode: prefer", "mode: perfer"), "policy.yaml");
    expect(parsed.ok ? [] : parsed.problems.map(({ path, line, col }) => [path, line, col])).toContainEqual([
      ...["rules[1].mode", 6, 11],
    ]);
    const none = parsePolicy(
      "version: 1\nclusters: [a]\nrules:\n  - <<: strict\n    mode: strict\n",
      "policy.yaml",
    );
    expect(none.ok ? [] : none.problems.map(({ code, line }) => [code, line])).toEqual([["CL0102", 1]]);
  });
});
