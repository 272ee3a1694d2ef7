import { kindOf, type Code } from "../input/kinds.ts";
import type { Problem } from "../input/problem.ts";
import { painter, type Paint } from "./colour.ts";

export type Severity = "error" | "warning";

/** So many places of a kind are shown; what goes beyond is only counted. */
const SHOWN = 3;

export interface Shown {
  paint?: Paint;
  /** The lines below a place: of the file, and the hint. */
  below?: (problem: Problem) => readonly string[];
  /** Where all of them are told. */
  all?: string;
}

/** Findings for people to read: kind by kind, with a count, the first places, and what to do about all of them. */
export function findingLines(problems: readonly Problem[], severity: Severity, shown: Shown = {}): string[] {
  const { paint = painter(false), below, all = "" } = shown;
  return [...byKind(problems)].flatMap(([code, some]) => {
    const { title, remedy } = kindOf(code);
    const more = some.length - SHOWN;
    return [
      `${paint(severity === "error" ? "red" : "yellow", severity)} ${paint("bold", code)}: ${title} (${some.length})`,
      ...some
        .slice(0, SHOWN)
        .flatMap((problem) => [`  ${placeLine(problem, below === undefined)}`, ...(below?.(problem) ?? [])]),
      ...(more > 0 ? [`  ... and ${more} more${all}`] : []),
      `  ${paint("cyan", "remedy")}: ${remedy}`,
    ];
  });
}

/** Those of each kind, in the order in which the first of a kind was found. */
function byKind(problems: readonly Problem[]): Map<Code, Problem[]> {
  const kinds = new Map<Code, Problem[]>();
  for (const problem of problems) {
    const some = kinds.get(problem.code);
    if (some) some.push(problem);
    else kinds.set(problem.code, [problem]);
  }
  return kinds;
}

function placeLine({ file, path, message, hint, line, col }: Problem, withHint: boolean): string {
  // A file that could not be read says so itself.
  if (path === "(file)") return message;
  const place = line === undefined ? file : `${file}:${line}:${col ?? 1}`;
  const text = path === "(root)" ? message : `${path}: ${message}`;
  return `${place}: ${text}${withHint && hint !== undefined ? ` (${hint})` : ""}`;
}
