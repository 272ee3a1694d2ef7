import fc from "fast-check";
import { type Core, loadCore } from "./core.ts";

/** How many cases a property is tried with. */
export const CASES = 100_000;

/** How long that may take, in milliseconds: some seconds, but many more where others use the processor. */
export const PATIENCE = 180_000;

/**
 * Tries a property with many cases; the seed, the path to the case and the case itself, shrunk, are in the error if one
 * fails.
 */
export async function holds<Case>(
  cases: fc.Arbitrary<Case>,
  check: (core: Core, each: Case) => void,
): Promise<void> {
  const core = await loadCore();
  let tried = 0;
  const property = fc.property(cases, (each) => {
    check(core, each);
    // The core frees nothing by itself.
    if (++tried % 1000 === 0) core.__collect();
  });
  fc.assert(property, { numRuns: CASES });
}
