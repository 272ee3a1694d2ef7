import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { defineCommand } from "citty";
import { readBytes, readText } from "../files/read.ts";
import { FileError } from "../files/file-error.ts";
import { writeFiles } from "../files/write.ts";
import { checkPolicy } from "../inventory/check-policy.ts";
import { parseMesh } from "../inventory/mesh.ts";
import { parsePolicy } from "../policy/policy.ts";
import { generateEnvoy } from "../targets/envoy/index.ts";
import { MODULE_FILE } from "../targets/envoy/names.ts";
import { modulePath } from "../wasm/module.ts";
import { OK, type Io } from "./io.ts";
import { report, reportProblems } from "./report.ts";

const args = {
  policy: { type: "string", required: true, valueHint: "FILE", description: "The policy." },
  inventory: {
    type: "string",
    required: true,
    valueHint: "FILE",
    description: "What runs in which cluster: mesh.yaml.",
  },
  out: { type: "string", required: true, valueHint: "DIR", description: "Where to write." },
  wasm: {
    type: "string",
    valueHint: "FILE",
    description: "The compiled filter. Default: the one of this package.",
  },
  "base-path": {
    type: "string",
    valueHint: "PATH",
    description: "Where Envoy will find DIR, when that is elsewhere: in a container.",
  },
} as const;

/** `cluster-local generate envoy`. */
export function generateEnvoyCommand(io: Io) {
  return defineCommand({
    meta: {
      name: "envoy",
      description: "Writes the bootstrap and the filter's configuration for each Envoy of an inventory.",
    },
    args,
    run: ({ args }) => generate(args, io),
  });
}

interface Args {
  policy: string;
  inventory: string;
  out: string;
  wasm?: string | undefined;
  "base-path"?: string | undefined;
}

function generate(args: Args, io: Io): number {
  const policy = parsePolicy(readText(args.policy), args.policy);
  const mesh = parseMesh(readText(args.inventory), args.inventory);
  if (!policy.ok || !mesh.ok) {
    return reportProblems(io, [...(policy.ok ? [] : policy.problems), ...(mesh.ok ? [] : mesh.problems)]);
  }
  const { errors, warnings } = checkPolicy(policy.value, mesh.value);
  if (errors.length > 0) return reportProblems(io, mesh.source.problems(errors));
  report(
    io,
    [...policy.source.problems(warnings.policy), ...mesh.source.problems(warnings.mesh)],
    "warning: ",
  );

  const wasm = readModule(args.wasm ?? modulePath(), args.wasm === undefined);
  const files = generateEnvoy(policy.value, mesh.value, {
    basePath: args["base-path"] ?? resolve(args.out),
    wasmSha256: createHash("sha256").update(wasm).digest("hex"),
  });
  // The module first: what names it must find it.
  const changes = writeFiles(args.out, new Map<string, string | Uint8Array>([[MODULE_FILE, wasm], ...files]));
  const changed = changes.filter(({ change }) => change !== "unchanged");
  const width = Math.max(...changed.map(({ path }) => path.length));
  for (const { path, change } of changed) io.out(`${path.padEnd(width)}  ${change}`);
  if (changed.length === 0) io.out(`nothing changed (${changes.length} files)`);
  return OK;
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
