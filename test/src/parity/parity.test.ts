import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare, type Difference } from "./answers.ts";
import { configText } from "./configs.ts";
import { corpus } from "./corpus.ts";

/**
 * One truth for the plugin configuration: the schema (src/policy/plugin-config.ts), which the command line and editors go
 * by, and the filter itself say the same of it, with the same paths. The goldens in test/golden/plugin-config are held to
 * it, too.
 */
describe("the filter and the schema agree on", () => {
  test.each(Object.keys(corpus))("%s", (name) => {
    expect(compare(corpus[name]!).difference).toBeUndefined();
  });

  test("generated configurations, good ones and bad ones", { timeout: 120_000 }, () => {
    let [good, total] = [0, 0];
    const agree = fc.property(configText, (text) => {
      const { accepted, difference } = compare(text);
      if (difference && !isKnown(difference)) throw new Error(JSON.stringify(difference, null, 2));
      total++;
      if (accepted) good++;
    });
    fc.assert(agree, { numRuns: 20_000 });
    // Neither all good nor all bad, or this would prove little.
    expect(good / total).toBeGreaterThan(0.2);
    expect(good / total).toBeLessThan(0.8);
  });
});

/**
 * What is left, both refusing the same configuration: of a key of `names` that is there twice, the filter tells the wrong
 * value before the repetition; and of three patterns of one rule that are the same, each tells two, but not the same two.
 */
function isKnown({ filter, schema }: Difference): boolean {
  if (schema.some((line) => /names\..*: found a second time/.test(line))) return true;
  const twins = /(rules\[\d+\])\.\S+: names the same hosts as \1\./;
  const rest = (lines: string[]) => lines.filter((line) => !twins.test(line)).length;
  return (
    filter.some((line) => twins.test(line)) &&
    schema.some((line) => twins.test(line)) &&
    rest(filter) === rest(schema)
  );
}
