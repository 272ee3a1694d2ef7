import { resolve } from "node:path";
import { defineCommand } from "citty";
import { FileError } from "../files/file-error.ts";
import { readInput, readText } from "../files/read.ts";
import type { Problem } from "../input/problem.ts";
import { count } from "../input/words.ts";
import { filesOf, placeIn } from "../inventory/kubernetes/files.ts";
import { validate, type ValidatedFile, type Validation } from "../validate/index.ts";
import { painter } from "./colour.ts";
import { columns } from "./columns.ts";
import { MESH_ARGS, meshOptions } from "./generate-istio/options.ts";
import { excerpt } from "./excerpt.ts";
import { findingLines } from "./findings.ts";
import { BAD_INPUT, OK, type Io } from "./io.ts";
import { reading } from "./reading.ts";

const args = {
  file: {
    type: "positional",
    required: true,
    multiple: true,
    description:
      "Policies, plugin configurations, inventories (mesh.yaml, or Kubernetes resources): files, folders, or - for standard input. What each one is, its content tells.",
  },
  ...MESH_ARGS,
  "fail-on-warnings": { type: "boolean", description: "Exit with 1 when there are only warnings, too." },
  json: { type: "boolean", description: "Print what was found as JSON." },
} as const;

/** `cluster-local validate`. */
export function validateCommand(io: Io) {
  return defineCommand({
    meta: { name: "validate", description: "Checks files by themselves and against each other." },
    args,
    run: ({ args: given }) => {
      const { texts, unread } = readAll(given._, io);
      const found = validate(texts, io.busy, meshOptions(given));
      const validation = { ...found, errors: [...unread, ...found.errors] };
      if (given.json === true) io.out(JSON.stringify(validation, null, 2));
      else tell(validation, texts, io);
      const { errors, warnings } = validation;
      const failed = errors.length > 0 || (given["fail-on-warnings"] === true && warnings.length > 0);
      return failed ? BAD_INPUT : OK;
    },
  });
}

/** The texts of all files; those that cannot be read are problems like others. */
function readAll(paths: readonly string[], io: Io): { texts: ValidatedFile[]; unread: Problem[] } {
  const texts: ValidatedFile[] = [];
  const unread: Problem[] = [];
  // A folder and a file of it name that file twice.
  const seen = new Set<string>();
  const isNew = (file: string) => !seen.has(resolve(file)) && seen.add(resolve(file));
  for (const path of paths) {
    reading(io, path);
    try {
      if (path === "-") texts.push(readInput(path));
      else
        texts.push(
          ...filesOf(path)
            .filter(isNew)
            .map((file) => ({ file, text: readText(file), place: placeIn(path, file) })),
        );
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      unread.push({ code: "CL0101", file: path, path: "(file)", message: error.message });
    }
  }
  return { texts, unread };
}

function tell({ files, errors, warnings }: Validation, texts: readonly ValidatedFile[], io: Io): void {
  const paint = painter(io.colours?.err);
  const linesOf = lineReader(texts);
  const below = (problem: Problem) => [
    ...excerpt(problem, linesOf(problem.file), paint),
    ...(problem.hint === undefined ? [] : [`      ${paint("cyan", "hint")}: ${problem.hint}`]),
  ];
  const shown = { paint, below, all: " (--json has all)" };
  for (const line of findingLines(errors, "error", shown)) io.err(line);
  for (const line of findingLines(warnings, "warning", shown)) io.err(line);
  for (const line of columns(files.map(({ file, kind }) => verdict(file, kind, errors, warnings))))
    io.out(line);
  io.out(`${count(errors.length, "error")}, ${count(warnings.length, "warning")}`);
}

/** The lines of the files that have problems, taken apart once. */
function lineReader(texts: readonly ValidatedFile[]): (file: string) => readonly string[] {
  const known = new Map<string, string[]>();
  return (file) => {
    const lines = known.get(file) ?? texts.find((one) => one.file === file)?.text.split("\n") ?? [];
    known.set(file, lines);
    return lines;
  };
}

function verdict(
  file: string,
  kind: string | undefined,
  errors: readonly Problem[],
  warnings: readonly Problem[],
): string[] {
  const of = (problems: readonly Problem[]) => problems.filter((problem) => problem.file === file).length;
  const [wrong, odd] = [of(errors), of(warnings)];
  const found = [...(wrong > 0 ? [count(wrong, "error")] : []), ...(odd > 0 ? [count(odd, "warning")] : [])];
  return [file, kind ?? "unknown", found.length === 0 ? "ok" : found.join(", ")];
}
