import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Where the release module is, both in the repository (src/wasm) and in the package (build/js/wasm). */
export function modulePath(): string {
  const here = fileURLToPath(import.meta.url);
  const up = here.endsWith(".ts") ? "../../build/cluster-local.wasm" : "../../cluster-local.wasm";
  return fileURLToPath(new URL(up, import.meta.url));
}

/** Compiles the module of this path. Errors: ENOENT from the file system, WebAssembly.CompileError. */
export async function loadModule(path: string = modulePath()): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(path));
}
