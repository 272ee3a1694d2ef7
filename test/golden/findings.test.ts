import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { CODES, kindOf } from "../../src/input/kinds.ts";
import { casesIn, golden, orphansIn, type GoldenCase, type Output } from "./golden.ts";

/**
 * A case for each kind of finding, called by its code: command lines, and the files that it has beside those of `base`, which
 * nothing is to be said of. What is printed names the code.
 */
const dir = join(import.meta.dirname, "findings");
const page = readFileSync(join(import.meta.dirname, "../../examples/guide/findings.md"), "utf8");
const cases = casesIn(dir);

let temporary: string;
beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), "cluster-local-findings-"));
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe("every kind of finding", () => {
  test.each(cases.map((golden) => [golden.name, golden] as const))("%s", async (name, aCase) => {
    const output = await printed(aCase);
    expect(output.get("printed.txt")).toContain(name.split("-")[0]);
    expect(Object.fromEntries(output)).toEqual(Object.fromEntries(golden(aCase, output)));
  });

  test("has a case, and every case a kind", () => {
    expect([...new Set(cases.map(({ name }) => name.split("-")[0]!))].sort()).toEqual([...CODES].sort());
    expect(orphansIn(dir)).toEqual([]);
  });

  test("has a section of the page, in order, and every section a kind", () => {
    const titles = [...page.matchAll(/^## (CL\d+: .*)$/gm)].map(([, title]) => title);
    expect(titles).toEqual(CODES.map((code) => `${code}: ${kindOf(code).title}`));
  });

  test.each(CODES)("%s: the page says what it is, and what to do", (code) => {
    const section = page.split(`## ${code}: `)[1]!.split("\n## ")[0]!;
    const [, meaning, remedy] = section.trim().split("\n\n");
    expect(meaning!.length).toBeGreaterThan(40);
    expect(remedy!.replaceAll("\n", " ")).toBe(`Remedy: ${kindOf(code).remedy}.`);
  });

  test("nothing is to be said of the files that all cases share", async () => {
    const said = await session(["validate", "policy.yaml", "inventory"], join(dir, "base"));
    expect(said).toContain("0 errors, 0 warnings\nexit 0");
  });
});

async function printed({ name, inputs }: GoldenCase): Promise<Output> {
  const [commands = "", ...files] = readFileSync(inputs.get("case")!, "utf8").split(/^--- /m);
  const folder = join(temporary, name);
  cpSync(join(dir, "base"), folder, { recursive: true });
  for (const file of files) {
    const end = file.indexOf("\n");
    const path = join(folder, file.slice(0, end));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.slice(end + 1));
  }
  const texts: string[] = [];
  for (const [, line] of commands.matchAll(/^\$ (.+)$/gm))
    texts.push(await session(line!.split(" "), folder));
  return new Map([["printed.txt", texts.join("\n")]]);
}

async function session(args: readonly string[], folder: string): Promise<string> {
  const lines: string[] = [];
  const write = (mark: string) => (text: string) => {
    for (const line of text.split("\n")) lines.push(`${mark}${line}`.replaceAll(`${folder}/`, "").trimEnd());
  };
  const isPath = (arg: string) =>
    /^(?:out|inventory\/ours)$/.test(arg) || arg.endsWith(".yaml") || existsSync(join(folder, arg));
  const real = args.map((arg) => (isPath(arg) ? join(folder, arg) : arg));
  const code = await run(real, { out: write(""), err: write("! ") });
  return [`$ cluster-local ${args.join(" ")}`, ...lines, `exit ${code}`, ""].join("\n");
}
