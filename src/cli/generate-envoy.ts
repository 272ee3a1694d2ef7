import { defineCommand } from "citty";
import { POLICY } from "./args.ts";
import { readText } from "../files/read.ts";
import { checkPolicy } from "../inventory/check-policy.ts";
import { parseMesh } from "../inventory/mesh.ts";
import { columns } from "./columns.ts";
import { OK, type Io } from "./io.ts";
import { readPolicy } from "./read-policy.ts";
import { reading } from "./reading.ts";
import { report, reportProblems } from "./report.ts";
import { writeEnvoy, type WriteOptions } from "./write-envoy.ts";

const args = {
  policy: POLICY,
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

interface Args extends WriteOptions {
  policy: string;
  inventory: string;
}

async function generate(args: Args, io: Io): Promise<number> {
  const policy = readPolicy(args.policy);
  reading(io, args.inventory);
  const mesh = parseMesh(readText(args.inventory), args.inventory);
  if (!policy.ok || !mesh.ok) {
    return reportProblems(io, [...(policy.ok ? [] : policy.problems), ...(mesh.ok ? [] : mesh.problems)]);
  }
  const { errors, warnings } = checkPolicy(policy.value, mesh.value);
  if (errors.length > 0) return reportProblems(io, mesh.source.problems(errors));
  report(io, [...policy.source.problems(warnings.policy), ...mesh.source.problems(warnings.mesh)], "warning");

  const changes = await writeEnvoy(policy.value, mesh.value, args);
  const changed = changes.filter(({ change }) => change !== "unchanged");
  for (const line of columns(changed.map(({ path, change }) => [path, change]))) io.out(line);
  if (changed.length === 0) io.out(`nothing changed (${changes.length} files)`);
  return OK;
}
