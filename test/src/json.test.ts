import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonSyntaxError, readJson } from "../../src/input/json.ts";

describe("readJson", () => {
  test("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ depthSize: "small" }),
        fc.constantFrom(undefined, 2, "\t"),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);
          expect(readJson(text).value).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  test("refuses what JSON.parse refuses", () => {
    const pieces = fc.constantFrom(
      ...Array.from('{}[]:,"\\/ \n\t.-+eE0123'),
      '"a"',
      "true",
      "null",
      "\\u00e9",
      "\\x",
      "1.5",
      "01",
      "\u0001",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        expect(accepts(() => readJson(text))).toBe(accepts(() => JSON.parse(text) as unknown));
      }),
      { numRuns: 3000 },
    );
  });

  test("knows where each field and each key stands", () => {
    const text = '{\n  "a": [1, {"b": 2.50}]\n}';
    const { find } = readJson(text);
    expect(find(["a"])).toMatchObject({ key: text.indexOf('"a"'), at: text.indexOf("[") });
    expect(find(["a", 1, "b"])).toMatchObject({
      key: text.indexOf('"b"'),
      at: text.indexOf("2.50"),
      written: "2.50",
    });
    expect(find(["a", 2])).toBeUndefined();
  });

  test("takes a key for a key, whatever its name", () => {
    const { value } = readJson('{"__proto__": {"x": 1}, "constructor": 2}');
    expect(Object.keys(value as object)).toEqual(["__proto__", "constructor"]);
  });

  test("survives 5 MB of nesting", () => {
    expect(() => readJson("[".repeat(5_000_000))).toThrow("nested deeper than 32 levels");
    expect(() => readJson('{"a":'.repeat(1_000_000))).toThrow("nested deeper than 32 levels");
  });
});

/** Whether it reads; an error of another kind is a failure of the test. */
function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError) && !(error instanceof SyntaxError)) throw error;
    return false;
  }
}
