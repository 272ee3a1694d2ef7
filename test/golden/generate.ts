import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../src/cli/run.ts";
import { formatProblem } from "../../src/input/problem.ts";
import { MODULE_FILE } from "../../src/targets/envoy/names.ts";
import { validate } from "../../src/validate/index.ts";
import { filesIn, type GoldenCase, type Output } from "./golden.ts";

/** A whole module, and the shortest: what the goldens say of the module must not change with every build of ours. */
const EMPTY_MODULE = Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);

/** Stands for the folder that everything is generated into, in goldens. */
export const BASE_PATH = "/etc/cluster-local";

/**
 * Runs `cluster-local generate envoy` as a user would and returns all that it wrote, with what it said under
 * `messages.txt`. A part that the case lacks comes from `defaults`.
 *
 * @param dir a folder of its own, empty
 */
export async function generate(
  { dir: caseDir, inputs }: GoldenCase,
  defaults: string,
  dir: string,
): Promise<Output> {
  const out = join(dir, "out");
  const wasm = join(dir, "empty.wasm");
  writeFileSync(wasm, EMPTY_MODULE);
  const input = (part: string) => inputs.get(part) ?? join(defaults, `${part}.yaml`);
  const lines: string[] = [];
  const code = await run(
    [
      ...["generate", "envoy", "--policy", input("policy"), "--inventory", input("mesh")],
      ...["--out", out, "--wasm", wasm, "--base-path", BASE_PATH],
    ],
    { out: () => undefined, err: (line) => lines.push(line) },
  );
  const written = existsSync(out) ? filesIn(out) : new Map<string, string>();
  written.delete(MODULE_FILE);
  // People are shown the first three of each kind; the goldens have all.
  if (code !== 0) {
    const files = [input("policy"), input("mesh")].map((file) => ({
      file,
      text: readFileSync(file, "utf8"),
    }));
    lines.splice(0, lines.length - 1, ...validate(files).errors.map(formatProblem));
    lines.push(`exit code ${code}`);
  }
  // As if run in the case's own folder.
  const said = lines.map((line) => `${line}\n`.replaceAll(`${caseDir}/`, "").replaceAll(`${defaults}/`, ""));
  rmSync(dir, { recursive: true });
  return lines.length > 0 ? new Map([...written, ["messages.txt", said.join("")]]) : written;
}
