import { defineConfig } from "vitest/config";

/** The tests on real API servers: `npm run test:kube`. They need Go. */
export default defineConfig({
  test: {
    include: ["test/kube/**/*.test.ts"],
    // Thousands of services, for whoever asks for them: KUBE_SERVICES says how many.
    exclude: process.env.KUBE_SERVICES ? [] : ["test/kube/scale.test.ts"],
    globalSetup: "test/kube/setup.ts",
    testTimeout: 300_000,
    hookTimeout: 600_000,
    // Two API servers for each file are enough for two cores.
    fileParallelism: false,
    reporters: ["default", "./test/support/skipped.ts"],
  },
});
