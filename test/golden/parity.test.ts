import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsePluginConfig } from "../../src/policy/plugin-config.ts";
import { Host } from "../../src/wasm/host.ts";
import { loadModule } from "../../src/wasm/module.ts";
import { casesIn } from "./golden.ts";

const module = await loadModule();

describe("the filter says of a plugin configuration what the command line says", () => {
  const files = casesIn(join(import.meta.dirname, "plugin-config")).map(({ inputs }) =>
    inputs.get("plugin")!,
  );
  const texts = files
    .filter((file) => file.endsWith(".json"))
    .map((file) => [file.split("/").at(-1)!, readFileSync(file, "utf8")] as const);

  test.each([...texts, ["5 MB of nesting", "[".repeat(5_000_000)] as const])("%s", (_, text) => {
    const host = Host.start(module, { "xds.node.metadata.CLUSTER_ID": "m1c1" });
    const { accepted } = host.root(text);
    const parsed = parsePluginConfig(text, "plugin.json");
    expect(accepted).toBe(parsed.ok);

    // The filter looks at fields together only when each by itself is well formed: it may say less at once.
    const said = host.log
      .filter((line) => line.startsWith("error"))
      .map((line) => line.replace(/^.*?refused: /, ""));
    const ours = parsed.ok ? [] : parsed.problems.map(({ path, message }) => ({ path, message }));
    const paths = said.map((line) => line.slice(0, line.indexOf(": ")));
    expect(paths.filter((path) => !ours.some((problem) => problem.path === path))).toEqual([]);
    expect(said.length > 0).toBe(!parsed.ok);
  });
});
