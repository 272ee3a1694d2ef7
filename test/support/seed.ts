import fc from "fast-check";

/**
 * Generated cases are the same each time, for a gate that says the same twice. `FAST_CHECK_SEED=<number>` goes looking for
 * others; a failure names its seed, and the case, shrunk.
 */
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 1) });
