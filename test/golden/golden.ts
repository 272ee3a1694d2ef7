import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

/**
 * Goldens are found by name: `<case>.<part>.in.<yaml|json|txt>` goes in, and what comes out is the folder `<case>.out`.
 * UPDATE_GOLDENS=1 writes the folders in place of comparing them.
 */

/** A case: its folder and name, and its input files by part (`policy`, `mesh`, ...). */
export interface GoldenCase {
  dir: string;
  name: string;
  inputs: ReadonlyMap<string, string>;
}

/** What came out, by path in the case's folder. */
export type Output = ReadonlyMap<string, string>;

const INPUT = /^(?<name>.+?)\.(?<part>[-a-z]+)\.in\.(?:yaml|json|txt)$/;

/** The cases of a folder, sorted by name. */
export function casesIn(dir: string): GoldenCase[] {
  const cases = new Map<string, Map<string, string>>();
  for (const file of readdirSync(dir).sort()) {
    const { name, part } = INPUT.exec(file)?.groups ?? {};
    if (name === undefined || part === undefined) continue;
    const inputs = cases.get(name) ?? new Map<string, string>();
    cases.set(name, inputs.set(part, join(dir, file)));
  }
  return [...cases].map(([name, inputs]) => ({ dir, name, inputs }));
}

/** Goldens that no case makes any more. */
export function orphansIn(dir: string): string[] {
  const names = casesIn(dir).map(({ name }) => `${name}.out`);
  return readdirSync(dir).filter((file) => file.endsWith(".out") && !names.includes(file));
}

/** What is in a case's golden. In update mode, first writes what came out. */
export function golden({ dir, name }: GoldenCase, output: Output): Output {
  const folder = join(dir, `${name}.out`);
  if (process.env.UPDATE_GOLDENS === "1") {
    rmSync(folder, { recursive: true, force: true });
    for (const [path, text] of output) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  if (!existsSync(folder))
    throw new Error(`${basename(folder)} is missing: run with UPDATE_GOLDENS=1, and read it`);
  return filesIn(folder);
}

/** All files below a folder, by path relative to it. */
export function filesIn(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = paths.map((path) => join(folder, path)).filter((path) => statSync(path).isFile());
  return new Map(files.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}
