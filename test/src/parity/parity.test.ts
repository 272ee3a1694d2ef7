import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare } from "./answers.ts";
import { configText } from "./configs.ts";
import { corpus } from "./corpus.ts";

/** So many cases are enough to hit what goes wrong once in ten thousand; a run takes about a minute. */
const RUNS = 200_000;
/** The gate says the same of the same commit each time; FUZZ_SEED looks elsewhere. */
const SEED = 20261129;
const PATIENCE = 15 * 60_000;

/**
 * One truth for the plugin configuration: the schema (src/policy/plugin-config.ts), which the command line and editors go
 * by, and the filter itself say the same of it, with the same paths. The goldens in test/golden/plugin-config are held to
 * it, too.
 */
describe("the filter and the schema agree on", () => {
  test.each(Object.keys(corpus))("%s", (name) => {
    expect(compare(corpus[name]!).difference).toBeUndefined();
  });

  test("generated configurations, good ones and bad ones", { timeout: PATIENCE }, () => {
    const seed = Number(process.env.FUZZ_SEED ?? SEED);
    const runs = Number(process.env.FUZZ_RUNS ?? RUNS);
    console.log(`parity: FUZZ_SEED=${seed} FUZZ_RUNS=${runs}`);
    let [good, total] = [0, 0];
    const agree = fc.property(configText, (text) => {
      const { accepted, difference } = compare(text);
      if (difference) throw new Error(JSON.stringify(difference, null, 2));
      total++;
      if (accepted) good++;
    });
    fc.assert(agree, { numRuns: runs, seed });
    expect(total).toBe(runs);
    // Neither all good nor all bad, or this would prove little.
    expect(good / total).toBeGreaterThan(0.2);
    expect(good / total).toBeLessThan(0.8);
  });
});
