import { beforeAll, describe, expect, test } from "vitest";
import { bytes, type Core, loadCore } from "./core.ts";

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

describe("what is JSON is read as it is", () => {
  test.each([
    ["{}", "{}"],
    [" [ ] ", "[]"],
    ['{"a":[1,-2.5,3e2,0.1E-1,true,false,null,"x"]}', '{"a":[1.0,-2.5,300.0,0.01,true,false,null,"x"]}'],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009"'],
    ['"\\u0041é€😀\\u001F"', '"Aé€😀\\u001f"'],
    ['"\u2028\x7f\ufeff"', '"\u2028\x7f\ufeff"'],
    ['{"\\u0061":{"b":[{},[]]},"":0,"":1}', '{"a":{"b":[{},[]]},"":0.0,"":1.0}'],
    ["-0", "0.0"],
    ["1e999", "Infinity"],
    ["-1E+999999999999", "-Infinity"],
    ["0e999", "0.0"],
    ["1e-999", "0.0"],
    [`${"[".repeat(32)}${"]".repeat(32)}`, `${"[".repeat(32)}${"]".repeat(32)}`],
  ])("%s", (json, rewritten) => {
    expect(core.rewrite(bytes(json))).toBe(rewritten);
    expect(core.skip(bytes(json))).toBe("");
  });
});

describe("what is not JSON is refused with the reason and the place", () => {
  test.each([
    ["", "found the end of the text where a value is expected (line 1, column 1)"],
    ["nul", "found 'n' where null is expected (line 1, column 1)"],
    ["{", "found the end of the text where a key in double quotes is expected (line 1, column 2)"],
    ['{"a"', "found the end of the text where ':' is expected (line 1, column 5)"],
    ['{"a":1', "found the end of the text where ',' or '}' is expected (line 1, column 7)"],
    ['{"a":1,}', "found a ',' before the end of a list or an object (line 1, column 8)"],
    ["[1,]", "found a ',' before the end of a list or an object (line 1, column 4)"],
    ["[,1]", "found ',' where a value is expected (line 1, column 2)"],
    ["[1 2]", "found '2' where ',' or ']' is expected (line 1, column 4)"],
    ["{a:1}", "found 'a' where a key in double quotes is expected (line 1, column 2)"],
    ["{'a':1}", "found ''' where a key in double quotes is expected (line 1, column 2)"],
    ['{"a":1}x', "found 'x' where the end of the text is expected (line 1, column 8)"],
    ["[1]\n\n ]", "found ']' where the end of the text is expected (line 3, column 2)"],
    ['"abc', "the text ends inside a string (line 1, column 5)"],
    ['"a\nb"', "found a control character in a string (line 1, column 3)"],
    ['"\\x"', "found an escape that is unknown or not ASCII (line 1, column 5)"],
    ['"\\u12g4"', "found an escape that is unknown or not ASCII (line 1, column 9)"],
    ['"\\u12', "the text ends inside a string (line 1, column 6)"],
    ['"\\', "the text ends inside a string (line 1, column 3)"],
    ['"\\u12"', "found an escape that is unknown or not ASCII (line 1, column 7)"],
    ['"\\ud800\\u0041"', "found an escape that is unknown or not ASCII (line 1, column 15)"],
    ['"\\udc00"', "found an escape that is unknown or not ASCII (line 1, column 9)"],
    ['"\\ud800"', "found an escape that is unknown or not ASCII (line 1, column 9)"],
    ['"\\u0080"', "found an escape that is unknown or not ASCII (line 1, column 9)"],
    ["01", "found '1' where the end of the text is expected (line 1, column 2)"],
    ["-", "found a number that lacks digits (line 1, column 2)"],
    ["1.", "found a number that lacks digits (line 1, column 3)"],
    ["1e+", "found a number that lacks digits (line 1, column 4)"],
    ["+1", "found '+' where a value is expected (line 1, column 1)"],
    ["NaN", "found 'N' where a value is expected (line 1, column 1)"],
    ["\ufeff{}", "found byte 239 where a value is expected (line 1, column 1)"],
    ["[".repeat(33), "nested deeper than 32 levels (line 1, column 33)"],
  ])("%j", (json, reason) => {
    expect(core.rewrite(bytes(json))).toBe(`!not JSON: ${reason}`);
    expect(core.skip(bytes(json))).toBe(`not JSON: ${reason}`);
  });

  test("bytes that are not UTF-8 are passed over: nothing of ours holds any, so what holds them is refused", () => {
    for (const bad of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xc3]]) {
      expect(core.skip(new Uint8Array([0x22, ...bad, 0x22]))).toBe("");
    }
  });

  test("five megabytes of nesting, at once", () => {
    expect(core.skip(bytes("[".repeat(5_000_000)))).toContain("nested deeper than 32 levels");
    expect(core.skip(bytes('{"a":'.repeat(1_000_000)))).toContain("nested deeper than 32 levels");
  });

  test("every truncation of a document", () => {
    const whole = '{"a":[1.5e3,"\\u0065x",true,null,{"b":[]}]}';
    for (let size = 0; size < whole.length; size++) {
      expect(core.skip(bytes(whole.slice(0, size))), whole.slice(0, size)).not.toBe("");
    }
  });
});
