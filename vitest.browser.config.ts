import { defineConfig } from "vitest/config";

/** The tests of the console's page in a real Chromium: `npm run test:browser`. */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: "test/browser/setup.ts",
    testTimeout: 60_000,
    // What is waited for may take long on a busy machine; what comes sooner is not waited for.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
    // Each starts eight apps, four Envoys and a browser.
    fileParallelism: false,
    reporters: ["default", "./test/support/skipped.ts"],
  },
});
