import { readFile } from "node:fs/promises";
import type * as Testing from "../../build/core.js";

/** The core module's exports (assembly/testing.ts). */
export type Core = typeof Testing.__AdaptedExports & { __collect(): void };

/** A fresh instance of the pure core; its memory is its own. */
export async function loadCore(): Promise<Core> {
  const loader = (await import("../../build/core.js")) as unknown as {
    instantiate(module: WebAssembly.Module): Promise<Core>;
  };
  const url = new URL("../../build/core.wasm", import.meta.url);
  return loader.instantiate(await WebAssembly.compile(await readFile(url)));
}

const utf8 = new TextEncoder();

/** The problems of a configuration, one a line; the caller is in m1c1/default unless told otherwise. */
export function problems(core: Core, configuration: unknown, cluster: string | null = "m1c1"): string[] {
  const text = typeof configuration === "string" ? configuration : JSON.stringify(configuration);
  return core.problemsOf(utf8.encode(text), cluster, "default", "productpage-v1").split("\n").filter(Boolean);
}
