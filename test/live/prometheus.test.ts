import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError, parsePrometheus } from "../../src/live/admin/prometheus.ts";
import { evidenceOf, isLeak, placeOf } from "../../src/live/evidence.ts";

const plain = (text: string) =>
  parsePrometheus(text).map(({ name, labels, value }) => [name, Object.fromEntries(labels), value]);

describe("the text format", () => {
  test("as Envoy writes it", () => {
    const text = [
      "# TYPE envoy_cluster_local_upstream counter",
      'envoy_cluster_local_upstream{rule="a\\"b\\\\c",mode="strict",pin="m1c1,m1c2",served_by="",code="200"} 3',
      "# TYPE cluster_local_requests_retained counter",
      "cluster_local_requests_retained{} 7",
      'x_bucket{le="+Inf"} 1.0476190476190476719153821250075',
      "",
      "",
    ].join("\n");
    expect(plain(text)).toEqual([
      [
        "envoy_cluster_local_upstream",
        { rule: 'a"b\\c', mode: "strict", pin: "m1c1,m1c2", served_by: "", code: "200" },
        3,
      ],
      ["cluster_local_requests_retained", {}, 7],
      ["x_bucket", { le: "+Inf" }, 1.0476190476190477],
    ]);
  });

  test.each([
    ["no labels", "a 1", {}, 1],
    ["a comma behind the last one", 'a{b="c",} 1', { b: "c" }, 1],
    ["space wherever it may be", 'a{ b = "c" , d="e" }\t1 ', { b: "c", d: "e" }, 1],
    ["a time", "a 1 1795899153185", {}, 1],
    ["a line break in a label", 'a{b="c\\nd"} 1', { b: "c\nd" }, 1],
    ["what looks like an end in a label", 'a{b="} 5"} 1', { b: "} 5" }, 1],
    ["a number with an exponent", "a 1.5e+3", {}, 1500],
    ["infinity", "a +Inf", {}, Infinity],
    ["no number", "a NaN", {}, NaN],
  ])("%s", (_, line, labels, value) => {
    expect(plain(line)).toEqual([["a", labels, value]]);
  });

  test.each([
    ["no value", "a"],
    ["no number", "a b"],
    ["a hexadecimal number", "a 0x10"],
    ["a name that is none", "1a 1"],
    ["a label without quotes", "a{b=c} 1"],
    ["a label that does not end", 'a{b="c} 1'],
    ["labels without a comma", 'a{b="c"d="e"} 1'],
    ["a comma alone", "a{,} 1"],
    ["the same label twice", 'a{b="c",b="d"} 1'],
    ["an escape that there is none of", 'a{b="\\t"} 1'],
    ["HTML", "<html>"],
  ])("refuses %s", (_, line) => {
    expect(() => parsePrometheus(`ok 1\n${line}`)).toThrow(FormatError);
    expect(() => parsePrometheus(`ok 1\n${line}`)).toThrow(/^line 2 /);
  });

  test("what is written by the format's rules is read as it was", () => {
    const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
    const value = fc.string({
      unit: fc.oneof(
        fc.constantFrom('"', "\\", "\n", "}", ",", " "),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
      ),
    });
    const series = fc.record({ name, labels: fc.dictionary(name, value, { maxKeys: 4 }), count: fc.nat() });
    const escaped = (text: string) =>
      text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
    fc.assert(
      fc.property(fc.array(series, { maxLength: 4 }), (all) => {
        const text = all
          .map(({ name, labels, count }) => {
            const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
            return `${name}{${pairs.join(",")}} ${count}\n`;
          })
          .join("");
        expect(plain(text)).toEqual(all.map(({ name, labels, count }) => [name, { ...labels }, count]));
      }),
    );
  });
});

describe("evidence", () => {
  const answered = (tags: string, count = 1) => `envoy_cluster_local_upstream{${tags}} ${count}\n`;
  const read = (text: string) => evidenceOf(parsePrometheus(text));

  test("nothing of it is nothing counted; what no rule is for is not", () => {
    const ungoverned = answered('rule="",mode="",pin="",served_by="m1c2",code="200"');
    expect(read(`${ungoverned}envoy_cluster_local_other{rule="a"} 1\nother 2\n`)).toEqual({
      requests: { retained: 0, preferred: 0, observed: 0, bypassed: 0 },
      answered: [],
      leaked: 0,
    });
  });

  test("tags without a value are empty or a dash; Istio's workload says its cluster", () => {
    const { answered: found, requests } = read(
      answered(
        'rule="default/reviews",mode="strict",pin="m1c1",served_by="reviews-v1;default;reviews;v1;m1c1",code="200"',
        4,
      ) +
        answered('rule="*",mode="observe",pin="-",served_by=";;;;m1c2",code="503"') +
        answered('rule="*",mode="off",pin="",served_by="",code="0"') +
        answered('rule="*",mode="off",pin="",served_by="-",code="-"') +
        "cluster_local_requests_observed{} 3\n",
    );
    expect(found).toEqual([
      { rule: "default/reviews", mode: "strict", pin: "m1c1", servedBy: "m1c1", code: 200, count: 4 },
      { rule: "*", mode: "observe", pin: undefined, servedBy: "m1c2", code: 503, count: 1 },
      { rule: "*", mode: "off", pin: undefined, servedBy: undefined, code: 0, count: 1 },
      { rule: "*", mode: "off", pin: undefined, servedBy: undefined, code: 0, count: 1 },
    ]);
    expect(requests).toEqual({ retained: 0, preferred: 0, observed: 3, bypassed: 0 });
  });

  test("a leak is a strict rule that another cluster answered, whatever it answered", () => {
    const text =
      answered('rule="a/b",mode="strict",pin="m1c1",served_by="m1c2",code="200"', 2) +
      answered('rule="a/b",mode="strict",pin="m1c1",served_by="m1c2",code="500"', 3) +
      answered('rule="a/b",mode="strict",pin="m1c1",served_by="m1c1",code="200"', 10) +
      answered('rule="a/b",mode="strict",pin="m1c1",served_by="",code="503"', 10) +
      answered('rule="a/c",mode="prefer",pin="m1c1,m1c2",served_by="m1c2",code="200"', 10);
    expect(read(text).leaked).toBe(5);
    expect(isLeak({ mode: "strict", pin: undefined, servedBy: "m1c1" })).toBe(true);
  });

  test.each([
    ["m1c1", 200, "local"],
    ["m1c1", 503, "local"],
    ["m1c2", 200, "remote"],
    [undefined, 503, "none"],
    [undefined, 0, "none"],
    [undefined, 200, "unknown"],
  ])("an answer of %s with %i is %s", (servedBy, code, place) => {
    expect(placeOf({ servedBy, code }, "m1c1")).toBe(place);
    if (servedBy !== undefined) expect(placeOf({ servedBy, code }, undefined)).toBe("unknown");
  });
});
