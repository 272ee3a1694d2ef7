import { readFile, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll } from "vitest";
import type * as Testing from "../../build/core.js";

/** The core module's exports (assembly/testing.ts). */
export type Core = typeof Testing.__AdaptedExports & { __collect(): void };

interface Loader {
  instantiate(module: WebAssembly.Module, imports: object): Promise<Core>;
}

/** Set by test/core/coverage.mjs: the folder for the statements that each test file ran; the module then counts them. */
const coverage = process.env.CLUSTER_LOCAL_COVERAGE;
const name = coverage === undefined ? "core" : "core.cov";
const hits = new Uint8Array(coverage === undefined ? 0 : 65_536);
if (coverage !== undefined) {
  afterAll(() => writeFile(join(coverage, `${randomUUID()}.hits`), hits));
}

/** A fresh instance of the pure core; its memory is its own. */
export async function loadCore(): Promise<Core> {
  const at = (file: string) => new URL(`../../build/${file}`, import.meta.url);
  const loader = (await import(at(`${name}.js`).href)) as Loader;
  const hit = (id: number) => {
    hits[id] = 1;
  };
  return loader.instantiate(await WebAssembly.compile(await readFile(at(`${name}.wasm`))), {
    coverage: { hit },
  });
}

const utf8 = new TextEncoder();

/** The bytes of a text in UTF-8. */
export const bytes = (text: string): Uint8Array => utf8.encode(text);

/** What the proxy's node metadata says; null where it does not. */
export interface Caller {
  cluster?: string | null;
  namespace?: string | null;
  workload?: string | null;
}

/** The problems of a configuration, one a line; the caller is m1c1's default/productpage-v1 unless told otherwise. */
export function problems(core: Core, configuration: unknown, caller: Caller = {}): string[] {
  const text = typeof configuration === "string" ? configuration : JSON.stringify(configuration);
  const { cluster = "m1c1", namespace = "default", workload = "productpage-v1" } = caller;
  return core.problemsOf(bytes(text), cluster, namespace, workload).split("\n").filter(Boolean);
}
