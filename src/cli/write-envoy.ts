import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { FileError } from "../files/file-error.ts";
import { readBytes } from "../files/read.ts";
import { writeFiles, type Change } from "../files/write.ts";
import type { Mesh } from "../inventory/model.ts";
import type { Policy } from "../policy/policy.ts";
import { generateEnvoy } from "../targets/envoy/index.ts";
import { MODULE_FILE } from "../targets/envoy/names.ts";
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
 * Writes the files of every Envoy of an inventory, the filter with them. Throws FileError, and InvalidInput when the policy
 * and the inventory contradict each other.
 */
export function writeEnvoy(policy: Policy, mesh: Mesh, options: WriteOptions): Change[] {
  const { out, wasm: file, "base-path": basePath = resolve(out) } = options;
  const wasm = readModule(file ?? modulePath(), file === undefined);
  const wasmSha256 = createHash("sha256").update(wasm).digest("hex");
  const files = generateEnvoy(policy, mesh, { basePath, wasmSha256 });
  // The module first: what names it must find it.
  return writeFiles(out, new Map<string, string | Uint8Array>([[MODULE_FILE, wasm], ...files]));
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
