import type { Problem } from "../input/problem.ts";
import { count } from "../input/words.ts";
import { painter } from "./colour.ts";
import { findingLines, type Severity } from "./findings.ts";
import { BAD_INPUT, type Io } from "./io.ts";

/** Lists problems, kind by kind. */
export function report(io: Io, problems: readonly Problem[], severity: Severity): void {
  const paint = painter(io.colours?.err);
  for (const line of findingLines(problems, severity, { paint })) io.err(line);
}

/** Lists what keeps a command from doing anything; returns its exit code. `undone` says what it therefore did not do. */
export function reportProblems(io: Io, problems: readonly Problem[], undone = "nothing was written"): number {
  report(io, problems, "error");
  io.err(`${count(problems.length, "problem")}; ${undone}.`);
  return BAD_INPUT;
}
