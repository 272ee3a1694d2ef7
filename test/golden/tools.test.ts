import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { casesIn, golden, orphansIn, type GoldenCase, type Output } from "./golden.ts";

/** Command lines, one after the other, and what each prints; `files/` stands for the folder beside this file's goldens. */
const dir = join(import.meta.dirname, "tools");
const files = join(dir, "files");

describe("the operator's tools", () => {
  test.each(casesIn(dir).map((golden) => [golden.name, golden] as const))("%s", async (_, aCase) => {
    const output = await printed(aCase);
    expect(Object.fromEntries(output)).toEqual(Object.fromEntries(golden(aCase, output)));
  });

  test("every golden has a case", () => {
    expect(orphansIn(dir)).toEqual([]);
  });
});

async function printed({ inputs }: GoldenCase): Promise<Output> {
  const commands = JSON.parse(readFileSync(inputs.get("args")!, "utf8")) as string[][];
  const texts: string[] = [];
  for (const args of commands) texts.push(await session(args));
  return new Map([["printed.txt", texts.join("\n")]]);
}

async function session(args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const write = (mark: string) => (text: string) => {
    for (const line of text.split("\n")) lines.push(`${mark}${line}`.replaceAll(files, "files").trimEnd());
  };
  const real = args.map((arg) => arg.replace(/^files\//, `${files}/`));
  const code = await run(real, { out: write(""), err: write("! ") });
  return [`$ cluster-local ${args.map(quoted).join(" ")}`, ...lines, `exit ${code}`, ""].join("\n");
}

function quoted(arg: string): string {
  return /^[-_./:=,A-Za-z0-9]+$/.test(arg) ? arg : `'${arg}'`;
}
