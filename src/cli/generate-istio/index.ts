import { existsSync, readdirSync } from "node:fs";
import { defineCommand } from "citty";
import { FileError } from "../../files/file-error.ts";
import { writeFiles } from "../../files/write.ts";
import type { Problem } from "../../input/problem.ts";
import { count } from "../../input/words.ts";
import { readInventoryFiles } from "../../inventory/kubernetes/files.ts";
import { isOurs, readInventory, UNKNOWN, type Inventory } from "../../inventory/kubernetes/model.ts";
import { readObjects } from "../../inventory/kubernetes/read.ts";
import { inRevision } from "../../istio/revisions.ts";
import type { Policy } from "../../policy/policy.ts";
import { driftOf } from "../../targets/istio/check.ts";
import { filtersIn, istioFiles, istioText } from "../../targets/istio/files.ts";
import { generateIstio, type IstioOutput } from "../../targets/istio/index.ts";
import type { IstioOptions } from "../../targets/istio/options.ts";
import { deletions, removals } from "../../targets/istio/prune.ts";
import { reportLines } from "../../targets/istio/report.ts";
import { BAD_INPUT, LEFT_OUT, OK, UsageError, type Io } from "../io.ts";
import { readPolicy } from "../read-policy.ts";
import { reading } from "../reading.ts";
import { report, reportProblems } from "../report.ts";
import { args, choice, optionsOf, textIn, type Args } from "./options.ts";

/** `cluster-local generate istio`. */
export function generateIstioCommand(io: Io) {
  return defineCommand({
    meta: { name: "istio", description: "Turns a policy into resources for an Istio mesh." },
    args,
    run: ({ args }) => generate(args, io),
  });
}

function generate(args: Args, io: Io): number {
  const options = optionsOf(args);
  const form = choice("report", textIn(args, "report"), ["text", "json"] as const);
  const dir = textIn(args, "out");
  const path = textIn(args, "inventory");
  const policy = readPolicy(textIn(args, "policy")!);
  const safe = args.prune === true || (policy.ok && !policy.value.enabled);
  if (args.prune === true) {
    if (path === undefined && dir === undefined)
      throw new UsageError(
        "option --prune needs --inventory, which tells what an earlier run made, or --out",
      );
  } else if (path === undefined && options.routing !== "mesh-config" && !safe)
    throw new UsageError("option --inventory is missing: which services, ports and routes there are");
  if (!policy.ok) return reportProblems(io, policy.problems);
  if (path !== undefined) reading(io, path);
  const { inventory, problems } = inventoryOf(path, policy.value, safe);
  // To switch off and to take away must never fail.
  if (problems.length > 0 && !safe) return reportProblems(io, problems);
  if (safe) report(io, problems, "warning");
  io.busy?.("making the resources");
  const read = inRevision(inventory, options.revision);
  const output = generateIstio(policy.value, read, { ...options, known: filtersIn(filesIn(dir)) });
  if (args.prune === true) return prune(output, { inventory, path, dir }, io);
  const errors = policy.source.problems(output.errors);
  if (errors.length > 0) return reportProblems(io, errors);
  if (args["all-or-nothing"] === true && output.leftOut.length > 0) return refuse(output, io);
  const warnings = [...policy.source.problems(output.warnings.policy), ...output.warnings.inventory];
  if (form === "text") report(io, warnings, "warning");
  const check = textIn(args, "check");
  if (check !== undefined) return compare(check, output, policy.value, io);
  // What is printed is for kubectl: the report then goes where it does not disturb.
  const tell = dir === undefined ? io.err : io.out;
  if (dir === undefined) io.out(istioText(output).trimEnd());
  else writeTo(dir, output, form === "text" ? tell : () => undefined);
  tellReport(form, output, warnings, options, tell);
  return output.leftOut.length > 0 ? LEFT_OUT : OK;
}

function inventoryOf(
  path: string | undefined,
  { clusters, clusterDomain }: Policy,
  safe: boolean,
): { inventory: Inventory; problems: Problem[] } {
  if (path === undefined) return { inventory: UNKNOWN, problems: [] };
  try {
    return readInventory(readInventoryFiles(path, clusters), clusters, clusterDomain);
  } catch (error) {
    if (!safe || !(error instanceof FileError)) throw error;
    return {
      inventory: UNKNOWN,
      problems: [{ code: "CL0101", file: path, path: "(file)", message: error.message }],
    };
  }
}

function filesIn(dir: string | undefined): string[] {
  return dir !== undefined && existsSync(dir) ? readdirSync(dir) : [];
}

function refuse({ leftOut }: IstioOutput, io: Io): number {
  for (const { code, service, why, edit } of leftOut) io.err(`${code} ${service}: ${why}; allowed: ${edit}`);
  io.err(`${count(leftOut.length, "service")} would be left out; nothing was written.`);
  return BAD_INPUT;
}

function writeTo(dir: string, output: IstioOutput, tell: Io["out"]): void {
  const changes = writeFiles(dir, istioFiles(output));
  const changed = changes.filter(({ change }) => change !== "unchanged");
  for (const { path, change } of changed) tell(`${path}  ${change}`);
  if (changed.length === 0) tell(`nothing changed (${changes.length} files)`);
}

interface Before {
  inventory: Inventory;
  path: string | undefined;
  dir: string | undefined;
}

/** The files are the only record of what was applied, unless the inventory has what they stand for. */
function prune(output: IstioOutput, { inventory, path, dir }: Before, io: Io): number {
  for (const line of deletions(output.stale)) io.out(line);
  const files = dir === undefined ? [] : removals(dir, new Set(istioFiles(output).keys()));
  if (path !== undefined && inventory.ours.length === 0) {
    io.err(
      `${path} has nothing that cluster-local made (label app.kubernetes.io/managed-by: cluster-local)${files.length === 0 ? "" : `: the files in ${dir} stay, as the only record of what may be applied`}`,
    );
    return OK;
  }
  for (const line of files) io.out(line);
  return OK;
}

function compare(path: string, output: IstioOutput, { clusters }: Policy, io: Io): number {
  const { objects, problems } = readObjects(
    readInventoryFiles(path, clusters).filter(({ text }) => text !== ""),
  );
  if (problems.length > 0) return reportProblems(io, problems, "nothing was compared");
  const applied = objects.filter(isOurs);
  const drifts = driftOf(output.resources, applied);
  for (const { title, drift } of drifts) io.out(`${title}: ${drift}`);
  for (const { code, service, why, edit } of output.leftOut)
    io.out(`${code} ${service}: left out: ${why}; allowed: ${edit}`);
  if (drifts.length > 0) return BAD_INPUT;
  io.out(`as it would be generated (${count(output.resources.length, "resource")})`);
  return output.leftOut.length > 0 ? LEFT_OUT : OK;
}

function tellReport(
  form: "text" | "json",
  { report: made, resources, stale }: IstioOutput,
  warnings: readonly Problem[],
  { routing, failClosed }: IstioOptions,
  tell: Io["out"],
): void {
  if (form === "json") {
    tell(JSON.stringify({ routing, ...made, warnings }, null, 2));
    return;
  }
  for (const line of reportLines(made)) tell(line);
  if (stale.length > 0)
    tell(`no longer needed: ${count(stale.length, "resource")} of an earlier run; --prune lists them`);
  if (!resources.some(({ kind }) => kind === "WasmPlugin" || kind === "TrafficExtension")) return;
  const open = "go where the routes say; --fail-closed refuses them";
  tell(`where a proxy cannot get the filter, its requests ${failClosed ? "are refused (403)" : open}`);
}
