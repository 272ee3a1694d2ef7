import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: two files at a time, and those that measure time must not be starved by a dozen Envoys.
    maxWorkers: 2,
    reporters: ["default"],
  },
});
