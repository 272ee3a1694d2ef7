import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // They need a Docker engine, a browser, or real API servers, and have configurations of their own.
    exclude: ["test/containers/**", "test/browser/**", "test/kube/**"],
    globalSetup: "test/support/left-out.ts",
    setupFiles: "test/support/seed.ts",
    testTimeout: 30_000,
    // What is waited for may take long on a busy machine; what comes sooner is not waited for.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
    // Two cores: two files at a time, and those that measure time must not be starved by a dozen Envoys.
    maxWorkers: 2,
    reporters: ["default", "./test/support/skipped.ts"],
  },
});
