import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { removeAtExit } from "../../../envoy/at-exit.ts";
import { withFreePorts } from "./ports.ts";

/** The files of one run of the demo, in a folder that goes when it ends. */
export interface Files {
  /** The paths are relative to the current folder where people type commands. */
  dir: string;
  policy: string;
  mesh: string;
  /** Where the generator writes. */
  out: string;
}

const example = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");

/** Copies policy.yaml, with the switch off, and mesh.yaml, with free ports, into a new folder in build/. */
export async function prepareFiles(): Promise<Files> {
  const build = relative(process.cwd(), fileURLToPath(new URL("../../../build", import.meta.url))) || ".";
  mkdirSync(build, { recursive: true });
  const dir = mkdtempSync(join(build, "demo-"));
  removeAtExit(dir);
  const files = {
    dir,
    policy: join(dir, "policy.yaml"),
    mesh: join(dir, "mesh.yaml"),
    out: join(dir, "envoy"),
  };
  writeFileSync(files.mesh, await withFreePorts(example("mesh.yaml")));
  writeFileSync(files.policy, example("policy.yaml"));
  flipSwitch(files, false);
  return files;
}

/** Edits the policy file as a person would: `enabled: true` or `enabled: false`. */
export function flipSwitch({ policy }: Files, on: boolean): void {
  writeFileSync(policy, readFileSync(policy, "utf8").replace(/^enabled: .*$/m, `enabled: ${on}`));
}
