import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateEnvoy, orThrow, parseMesh, parsePolicy, writeFiles } from "../../src/index.ts";
import { writeStages } from "../../src/cli/write-envoy.ts";
import { rollout } from "../../src/targets/envoy/rollout.ts";

/** The release module of this checkout; tests that need it run after `npm run build`. */
export const wasmPath = fileURLToPath(new URL("../../build/cluster-local.wasm", import.meta.url));

/** A policy, as a value or as the text of its file, and the text of an inventory. */
function read(policy: object | string, meshText: string) {
  const policyText = typeof policy === "string" ? policy : JSON.stringify(policy);
  return [
    orThrow(parsePolicy(policyText, "policy.yaml")),
    orThrow(parseMesh(meshText, "mesh.yaml")),
  ] as const;
}

const optionsFor = (dir: string) => ({
  basePath: dir,
  wasmPath,
  wasmSha256: createHash("sha256").update(readFileSync(wasmPath)).digest("hex"),
});

/**
 * Generates the Envoys' files into a folder, all at once, and returns the paths (relative to it) of those that were not so
 * before. For Envoys that are running, but have no traffic, that is enough.
 */
export function generateInto(dir: string, policy: object | string, meshText: string): string[] {
  const changes = writeFiles(dir, generateEnvoy(...read(policy, meshText), optionsFor(dir)));
  return changes.filter(({ change }) => change !== "unchanged").map(({ path }) => path);
}

/** The same as `cluster-local generate envoy` does it, which takes a second or two: in order, for Envoys with traffic. */
export async function rollOut(dir: string, policy: object | string, meshText: string): Promise<string[]> {
  const current = (path: string) =>
    existsSync(join(dir, path)) ? readFileSync(join(dir, path), "utf8") : undefined;
  const changes = await writeStages(dir, rollout(...read(policy, meshText), optionsFor(dir), current));
  return changes.filter(({ change }) => change !== "unchanged").map(({ path }) => path);
}
