import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatProblem } from "../../src/input/problem.ts";
import { parsePluginConfig } from "../../src/policy/plugin-config.ts";
import { generate } from "./generate.ts";
import { casesIn, golden, orphansIn, type GoldenCase, type Output } from "./golden.ts";

const here = import.meta.dirname;

describe.each(["envoy", "policy-errors", "mesh-errors"])("generate envoy: %s", (folder) => {
  const dir = join(here, folder);
  test.each(casesIn(dir).map((golden) => [golden.name, golden] as const))("%s", async (_, aCase) => {
    const temporary = mkdtempSync(join(tmpdir(), "cluster-local-golden-"));
    const output = concerned(aCase, await generate(aCase, join(here, "defaults"), temporary));
    expect(Object.fromEntries(output)).toEqual(Object.fromEntries(golden(aCase, output)));
  });

  test("every golden has a case", () => {
    expect(orphansIn(dir)).toEqual([]);
  });
});

describe("plugin configuration", () => {
  const dir = join(here, "plugin-config");
  test.each(casesIn(dir).map((golden) => [golden.name, golden] as const))("%s", (_, aCase) => {
    const output = pluginMessages(aCase);
    expect(Object.fromEntries(output)).toEqual(Object.fromEntries(golden(aCase, output)));
  });

  test("every golden has a case", () => {
    expect(orphansIn(dir)).toEqual([]);
  });
});

/** Of what was generated, the files that the case is about: `<case>.only.in.txt` names them, a regular expression a line. */
function concerned({ inputs }: GoldenCase, output: Output): Output {
  const only = inputs.get("only");
  if (only === undefined) return output;
  const lines = readFileSync(only, "utf8").trim().split("\n");
  return new Map([...output].filter(([path]) => lines.some((line) => new RegExp(line).test(path))));
}

function pluginMessages({ inputs }: GoldenCase): Output {
  const file = inputs.get("plugin")!;
  const parsed = parsePluginConfig(readFileSync(file, "utf8"), basename(file));
  const lines = parsed.ok ? [JSON.stringify(parsed.value, null, 2)] : parsed.problems.map(formatProblem);
  return new Map([["messages.txt", `${lines.join("\n")}\n`]]);
}
