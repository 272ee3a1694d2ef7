import { defineConfig } from "vitest/config";

/** The tests that need a Docker engine: `npm run test:containers`. */
export default defineConfig({
  test: {
    include: ["test/containers/**/*.test.ts"],
    globalSetup: "test/containers/setup.ts",
    // Its reaper is an image of its own, which not every machine can pull: test/containers/leftovers.ts does its work.
    env: { TESTCONTAINERS_RYUK_DISABLED: "true" },
    testTimeout: 60_000,
    // What is waited for may take long on a busy machine; what comes sooner is not waited for.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 120_000,
    // A dozen containers at a time are enough for two cores.
    fileParallelism: false,
    reporters: ["default", "./test/support/skipped.ts"],
  },
});
