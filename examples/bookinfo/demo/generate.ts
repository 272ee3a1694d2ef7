import { readFileSync } from "node:fs";
import { run } from "../../../src/cli/run.ts";
import { orThrow, parseMesh, type Mesh } from "../../../src/index.ts";
import type { Files } from "./files.ts";

/** The arguments of `cluster-local` that make the Envoys' files from the policy and the inventory. */
export function generateArgs({ policy, mesh, out }: Files): string[] {
  return ["generate", "envoy", "--policy", policy, "--inventory", mesh, "--out", out];
}

/** Runs that command in this process; its warnings go to `warn`. Throws with what it printed when it fails. */
export async function generate(files: Files, warn: (line: string) => void = () => {}): Promise<Mesh> {
  const problems: string[] = [];
  const code = await run(generateArgs(files), { out: () => {}, err: (line) => problems.push(line) });
  if (code !== 0) throw new Error(problems.join("\n"));
  problems.forEach(warn);
  return orThrow(parseMesh(readFileSync(files.mesh, "utf8"), files.mesh));
}
