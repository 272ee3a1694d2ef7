import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FileError } from "../files/file-error.ts";
import { readBytes } from "../files/read.ts";
import { writeFiles, type Change } from "../files/write.ts";
import type { Mesh } from "../inventory/model.ts";
import type { Policy } from "../policy/policy.ts";
import { MODULE_FILE } from "../targets/envoy/names.ts";
import { rollout, type Stage } from "../targets/envoy/rollout.ts";
import { modulePath } from "../wasm/module.ts";

export interface WriteOptions {
  /** Where to write. */
  out: string;
  /** The compiled filter; default: the one of this package. */
  wasm?: string | undefined;
  /** Where Envoy will find `out`, when that is elsewhere. */
  "base-path"?: string | undefined;
}

/**
 * Writes the files of every Envoy of an inventory, the filter with them, in the order in which running Envoys can take them
 * up. It waits between two steps only where both change what was there: one or two seconds in all.
 *
 * Rejects with FileError, and InvalidInput when the policy and the inventory contradict each other.
 */
export async function writeEnvoy(policy: Policy, mesh: Mesh, options: WriteOptions): Promise<Change[]> {
  const { out, wasm: file, "base-path": basePath = resolve(out) } = options;
  const wasm = readModule(file ?? modulePath(), file === undefined);
  const wasmSha256 = createHash("sha256").update(wasm).digest("hex");
  const stages = rollout(policy, mesh, { basePath, wasmSha256 }, (path) => current(join(out, path)));
  // The module first: what names it must find it.
  const module = writeFiles(out, new Map([[MODULE_FILE, wasm]]));
  return [...module, ...(await writeStages(out, stages))];
}

/** Writes stage by stage. Of a file that several of them write, the first change is told. */
export async function writeStages(out: string, stages: readonly Stage[]): Promise<Change[]> {
  const changes = new Map<string, Change>();
  let settled = 0;
  for (const { files, settleMs } of stages) {
    const differ = [...files].some(([path, text]) => current(join(out, path)) !== text);
    if (differ) await sleep(settled - performance.now());
    const written = writeFiles(out, files);
    for (const change of written) {
      if ((changes.get(change.path)?.change ?? "unchanged") === "unchanged") changes.set(change.path, change);
    }
    // Nobody runs what was not there before.
    if (written.some(({ change }) => change === "updated")) settled = performance.now() + settleMs;
  }
  return [...changes.values()];
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Writing it will say what is wrong with it.
    return undefined;
  }
}

function readModule(file: string, own: boolean): Buffer {
  let bytes: Buffer;
  try {
    bytes = readBytes(file);
  } catch (error) {
    if (!own || !(error instanceof FileError)) throw error;
    throw new FileError(
      "read",
      file,
      "the filter is not built yet: run `npm run build`, or name another with --wasm",
    );
  }
  if (bytes.subarray(0, 4).toString("latin1") !== "\0asm") {
    throw new FileError("read", file, "it is not a WebAssembly module");
  }
  return bytes;
}
