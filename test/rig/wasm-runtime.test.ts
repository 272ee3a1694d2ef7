import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { binaryIn, cachedInstall } from "../../envoy/cache.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { pinnedVersion } from "../../envoy/version.ts";
import { requireWasm } from "../../envoy/wasm-runtime.ts";

let dir: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cluster-local-wasm-"));
  env = { PATH: join(dir, "bin"), CLUSTER_LOCAL_CACHE: join(dir, "cache"), HOME: dir };
});
afterEach(() => rmSync(dir, { recursive: true }));

/** What the wheel 1.38.3 says on a configuration with a Wasm filter. */
const complaint =
  "[2026-11-24 06:34:26.415][1][warning][wasm] [source/extensions/common/wasm/wasm_vm.cc:102] Failed to create Wasm VM " +
  "using envoy.wasm.runtime.v8 runtime. Envoy was compiled without support for it";

/** An Envoy that tells its version, and to anything else says `stderr` and fails, or just goes well. */
function fakeEnvoy(path: string, version: string, stderr?: string): string {
  mkdirSync(dirname(path), { recursive: true });
  const otherwise = stderr === undefined ? "exit 0" : `echo '${stderr}' >&2; echo 'Unable to' >&2; exit 1`;
  const lines = [`if [ "$1" = --version ]; then echo "version: abc/${version}/Clean"; exit; fi`, otherwise];
  writeFileSync(path, `#!/bin/sh\n${lines.join("\n")}\n`);
  chmodSync(path, 0o755);
  return path;
}

const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error: unknown) => (error as Error).message,
  );

test("the Envoy that the tests run on can run Wasm filters", async () => {
  const { path } = await resolveEnvoy();
  await requireWasm(path);
});

test("an ENVOY_BIN without V8 is refused, and says why", async () => {
  env.ENVOY_BIN = fakeEnvoy(join(dir, "mine"), "1.38.3", complaint);
  expect(await messageOf(resolveEnvoy({ env }))).toMatch(
    /^ENVOY_BIN is set, but .*mine \(Envoy 1\.38\.3\) is built without the V8 Wasm runtime, which the filter needs\.\nWhat to do: /,
  );
});

test("one on PATH is passed over for the cache", async () => {
  fakeEnvoy(join(dir, "bin", "envoy"), "1.38.3", complaint);
  const path = fakeEnvoy(binaryIn(cachedInstall(pinnedVersion, env)), pinnedVersion);
  expect(await resolveEnvoy({ env })).toEqual({ path, version: pinnedVersion, source: "cache" });
});

test("another failure to load a module is told in Envoy's words", async () => {
  const path = fakeEnvoy(join(dir, "envoy"), pinnedVersion, "no such extension: envoy.filters.http.wasm");
  expect(await messageOf(requireWasm(path, "the Envoy"))).toBe(
    "the Envoy does not load a Wasm module (Unable to)",
  );
});
