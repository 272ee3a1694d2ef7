import { defineCommand } from "citty";
import { POLICY } from "./args.ts";
import { writeFiles } from "../files/write.ts";
import { formatProblem, type Problem } from "../input/problem.ts";
import { readInventoryFiles } from "../inventory/kubernetes/files.ts";
import { readInventory, UNKNOWN, type Inventory } from "../inventory/kubernetes/model.ts";
import type { Policy } from "../policy/policy.ts";
import { generateIstio, type IstioOutput } from "../targets/istio/index.ts";
import { istioFiles, istioText } from "../targets/istio/files.ts";
import {
  CLUSTER_LABEL,
  NATIVES,
  PLUGIN_APIS,
  ROUTINGS,
  type IstioOptions,
} from "../targets/istio/options.ts";
import { pruneLines } from "../targets/istio/prune.ts";
import { reportLines } from "../targets/istio/report.ts";
import { withHint } from "./flags.ts";
import { OK, UsageError, type Io } from "./io.ts";
import { readPolicy } from "./read-policy.ts";
import { reading } from "./reading.ts";
import { report, reportProblems } from "./report.ts";

const args = {
  policy: POLICY,
  inventory: {
    type: "string",
    valueHint: "PATH",
    description:
      "What is in the mesh, as kubectl get -A -o yaml prints it: a file, a folder with files or folders called as the clusters, or - for standard input.",
  },
  routing: {
    type: "string",
    valueHint: ROUTINGS.join("|"),
    description: "How requests reach the cluster that they are pinned to. Default: virtual-service.",
  },
  native: {
    type: "string",
    valueHint: NATIVES.join("|"),
    description: "With routing native: a setting of the mesh (default), or routes by the callers' labels.",
  },
  "plugin-api": {
    type: "string",
    valueHint: PLUGIN_APIS.join("|"),
    description: "The resource that brings the filter to the proxies. Default: wasmplugin.",
  },
  image: {
    type: "string",
    valueHint: "URL",
    description:
      "Where the proxies get the filter: oci://..., https://... or file:///... Needed but with routing native.",
  },
  sha256: { type: "string", valueHint: "HEX", description: "The checksum of the image or module." },
  "fail-closed": {
    type: "boolean",
    description:
      "Where a proxy cannot get the filter, refuse all its outbound HTTP requests (403). Default: they go where they went before.",
  },
  "cluster-label": {
    type: "string",
    valueHint: "KEY",
    description: `The label of pods that tells clusters apart. Default: ${CLUSTER_LABEL}.`,
  },
  "root-namespace": {
    type: "string",
    valueHint: "NAME",
    description: "MeshConfig's rootNamespace. Default: istio-system.",
  },
  out: {
    type: "string",
    valueHint: "DIR",
    description: "Write a file for each resource. Default: print them.",
  },
  report: { type: "string", valueHint: "text|json", description: "The form of the report. Default: text." },
  prune: {
    type: "boolean",
    description: "Only list what an earlier run made and this one does not need, as commands that delete it.",
  },
} as const;

/** `cluster-local generate istio`. */
export function generateIstioCommand(io: Io) {
  return defineCommand({
    meta: { name: "istio", description: "Turns a policy into resources for an Istio mesh." },
    args,
    run: ({ args }) => generate(args, io),
  });
}

type Args = { [Name in keyof typeof args]?: string | boolean | undefined };

function generate(args: Args, io: Io): number {
  const text = (name: keyof typeof args) => args[name] as string | undefined;
  const options = optionsOf(args);
  const form = choice("report", text("report"), ["text", "json"] as const);
  if (args.prune === true && text("inventory") === undefined && text("out") === undefined)
    throw new UsageError("option --prune needs --inventory, which tells what an earlier run made, or --out");
  const file = text("policy")!;
  const policy = readPolicy(file);
  if (!policy.ok) return reportProblems(io, policy.problems);
  if (text("inventory") !== undefined) reading(io, text("inventory")!);
  const { inventory, problems } = inventoryOf(text("inventory"), policy.value);
  if (problems.length > 0) return reportProblems(io, problems);
  io.busy?.("making the resources");
  const output = generateIstio(policy.value, inventory, options);
  const wrong = [...policy.source.problems(output.errors), ...output.problems];
  if (wrong.length > 0) return reportProblems(io, wrong);
  const dir = text("out");
  if (args.prune === true) return prune(output, dir, io);
  const warnings = [...policy.source.problems(output.warnings.policy), ...output.warnings.inventory];
  if (form === "text") report(io, warnings, "warning: ");
  // What is printed is for kubectl: the report then goes where it does not disturb.
  const tell = dir === undefined ? io.err : io.out;
  if (dir === undefined) io.out(istioText(output).trimEnd());
  else writeTo(dir, output, form === "text" ? tell : () => undefined);
  tellReport(form, output, warnings, options, tell);
  return OK;
}

function optionsOf(args: Args): IstioOptions {
  const text = (name: keyof typeof args) => args[name] as string | undefined;
  const routing = choice("routing", text("routing"), ROUTINGS);
  const image = text("image");
  if (routing === "native") {
    const without = (["image", "sha256", "plugin-api", "fail-closed"] as const).find((name) => args[name]);
    if (without)
      throw new UsageError(`option --${without} is for the filter, which --routing native does without`);
  } else if (image === undefined) {
    throw new UsageError(
      "option --image is missing: where the proxies get the filter (oci://..., file:///...)",
    );
  } else if (!/^(?:oci|https?|file):\/\/\S+$/.test(image)) {
    throw new UsageError(
      `option --image: found "${image}", allowed: a URL with oci://, https://, http:// or file://`,
    );
  }
  if (routing !== "native" && text("native") !== undefined)
    throw new UsageError("option --native is for --routing native");
  const sha256 = text("sha256");
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    throw new UsageError("option --sha256: allowed: 64 hexadecimal digits in lower case");
  return {
    routing,
    native: choice("native", text("native"), NATIVES),
    pluginApi: choice("plugin-api", text("plugin-api"), PLUGIN_APIS),
    image: image ?? "",
    sha256,
    failClosed: args["fail-closed"] === true,
    clusterLabel: text("cluster-label") ?? CLUSTER_LABEL,
    rootNamespace: text("root-namespace") ?? "istio-system",
  };
}

/** One of the names; the first when none is given. */
function choice<Names extends readonly [string, ...string[]]>(
  option: string,
  found: string | undefined,
  names: Names,
): Names[number] {
  if (found === undefined) return names[0];
  if (names.includes(found)) return found;
  throw new UsageError(withHint(`option --${option}: found "${found}"`, found, names));
}

function inventoryOf(
  path: string | undefined,
  policy: Policy,
): { inventory: Inventory; problems: Problem[] } {
  if (path === undefined) return { inventory: UNKNOWN, problems: [] };
  return readInventory(readInventoryFiles(path, policy.clusters), policy.clusters, policy.clusterDomain);
}

function writeTo(dir: string, output: IstioOutput, tell: Io["out"]): void {
  const changes = writeFiles(dir, istioFiles(output));
  const changed = changes.filter(({ change }) => change !== "unchanged");
  for (const { path, change } of changed) tell(`${path}  ${change}`);
  if (changed.length === 0) tell(`nothing changed (${changes.length} files)`);
}

function prune(output: IstioOutput, dir: string | undefined, io: Io): number {
  for (const line of pruneLines(output, dir)) io.out(line);
  return OK;
}

function tellReport(
  form: "text" | "json",
  { rules, override, resources, stale }: IstioOutput,
  warnings: readonly Problem[],
  { routing, failClosed }: IstioOptions,
  tell: Io["out"],
): void {
  if (form === "json") {
    tell(JSON.stringify({ routing, rules, override, warnings: warnings.map(formatProblem) }, null, 2));
    return;
  }
  for (const line of reportLines(rules)) tell(line);
  if (override !== undefined) tell(override);
  if (stale.length > 0)
    tell(`no longer needed: ${stale.length} resources of an earlier run; --prune lists them`);
  if (!resources.some(({ kind }) => kind === "WasmPlugin" || kind === "TrafficExtension")) return;
  const open = "go where they went before; --fail-closed refuses them";
  tell(`where a proxy cannot get the filter, its requests ${failClosed ? "are refused (403)" : open}`);
}
