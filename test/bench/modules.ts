import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { modulePath } from "../../src/wasm/module.ts";
import type { Modules } from "./envoys/variants.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The last commit of version 1. */
export const VERSION_1 = "d66d10e095b1827a6a8140dab1b9c0bc5dbff3ba";

/**
 * Puts all modules of the comparison into a folder: the release module as it is now, so that a build during the run changes
 * nothing, and the others compiled. Throws with the compiler's messages.
 */
export async function prepareModules(dir: string): Promise<Modules> {
  const at = (name: string) => join(dir, `${name}.wasm`);
  copyFileSync(modulePath(), at("ours"));
  for (const name of ["noop", "calls"]) {
    const source = `test/bench/assembly/${name}.ts`;
    await asc(root, source, "--outFile", at(name), "-O3", "--runtime", "stub", "--use", "abort=");
  }
  return { ours: at("ours"), noop: at("noop"), calls: at("calls"), version1: await buildVersion1(dir) };
}

/** Compiles the core's testing exports as the release module is compiled; the path of the loader beside the module. */
export async function compileCore(dir: string): Promise<string> {
  const file = join(dir, "core");
  const options = [
    "--transform",
    "./assembly/ascii.mjs",
    "--bindings",
    "raw",
    "--exportRuntime",
    "--noAssert",
  ];
  await asc(root, "assembly/testing.ts", "--outFile", `${file}.wasm`, "-O3", ...options);
  return `${file}.js`;
}

/** Builds version 1's module from its commit, with the packages at hand; undefined where git does not have the commit. */
async function buildVersion1(dir: string): Promise<string | undefined> {
  const folder = join(dir, "version1");
  let archive: Buffer;
  try {
    const args = ["archive", VERSION_1, "assembly", "asconfig.json"];
    archive = execFileSync("git", args, {
      cwd: root,
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 2 ** 26,
    });
  } catch {
    return undefined; // a shallow clone, or no clone
  }
  mkdirSync(folder);
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const transforms = ["ascii", "segments"].flatMap((name) => ["--transform", `./assembly/${name}.mjs`]);
  await asc(folder, "assembly/index.ts", "--target", "release", ...transforms);
  return join(folder, "build/cluster-local.wasm");
}

/** By the compiler's command line: its types would bring AssemblyScript's globals among Node's. */
async function asc(cwd: string, ...args: string[]): Promise<void> {
  const compiler = join(root, "node_modules/assemblyscript/bin/asc.js");
  await promisify(execFile)(process.execPath, [compiler, ...args], { cwd });
}
