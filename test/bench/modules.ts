import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { modulePath } from "../../src/wasm/module.ts";
import type { Modules } from "./envoys/variants.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = "test/bench/assembly";

/**
 * Puts all modules of the comparison into a folder: the release module as it is now, so that a build during the run changes
 * nothing, and the others compiled. Throws with the compiler's messages.
 */
export async function prepareModules(dir: string): Promise<Modules> {
  const modules = {
    ours: join(dir, "ours.wasm"),
    noop: join(dir, "noop.wasm"),
    calls: join(dir, "calls.wasm"),
    sdk: join(dir, "sdk.wasm"),
  };
  copyFileSync(modulePath(), modules.ours);
  for (const name of ["noop", "calls"] as const) {
    await compile(`${folder}/${name}.ts`, modules[name], "--runtime", "stub", "--use", "abort=");
  }
  await compile(
    `${folder}/sdk.ts`,
    modules.sdk,
    ...["--lib", `${folder}/lib`, "--runtime", "incremental", "--use", "abort=abort_proc_exit"],
  );
  return modules;
}

/** Compiles the core's testing exports as the release module is compiled; the path of the loader beside the module. */
export async function compileCore(dir: string): Promise<string> {
  const file = join(dir, "core");
  await compile(
    "assembly/testing.ts",
    `${file}.wasm`,
    ...["--transform", "./assembly/ascii.mjs", "--bindings", "raw", "--exportRuntime", "--noAssert"],
  );
  return `${file}.js`;
}

/** By the compiler's command line: its types would bring AssemblyScript's globals among Node's. */
async function compile(source: string, to: string, ...options: string[]): Promise<void> {
  const asc = join(root, "node_modules/assemblyscript/bin/asc.js");
  const args = [asc, source, "--outFile", to, "-O3", "--baseDir", root, ...options];
  await promisify(execFile)(process.execPath, args, { cwd: root });
}
