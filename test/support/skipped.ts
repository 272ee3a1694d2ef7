import type { Reporter, TestModule } from "vitest/node";

/** A reporter that names at the end which tests were skipped, and why; vitest's default one only counts them. */
export default class Skipped implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests("skipped")].map((test) => {
        const result = test.result();
        const why = result.state === "skipped" && result.note ? `: ${result.note}` : "";
        return `${module.relativeModuleId} > ${test.fullName}${why}`;
      }),
    );
    if (skipped.length > 0) console.log(["\nSkipped:", ...skipped].join("\n  "));
  }
}
