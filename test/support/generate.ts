import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generateEnvoy, orThrow, parseMesh, parsePolicy, writeFiles } from "../../src/index.ts";

/** The release module of this checkout; tests that need it run after `npm run build`. */
export const wasmPath = fileURLToPath(new URL("../../build/cluster-local.wasm", import.meta.url));

/**
 * Generates the Envoys' files into a folder, as `cluster-local generate envoy` does, and returns the paths (relative to
 * it) of those that were not so before. The policy is a value or the text of its file.
 */
export function generateInto(dir: string, policy: object | string, meshText: string): string[] {
  const policyText = typeof policy === "string" ? policy : JSON.stringify(policy);
  const files = generateEnvoy(
    orThrow(parsePolicy(policyText, "policy.yaml")),
    orThrow(parseMesh(meshText, "mesh.yaml")),
    {
      basePath: dir,
      wasmPath,
      wasmSha256: createHash("sha256").update(readFileSync(wasmPath)).digest("hex"),
    },
  );
  const changes = writeFiles(dir, files);
  return changes.filter(({ change }) => change !== "unchanged").map(({ path }) => path);
}
