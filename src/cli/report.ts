import { formatProblem, type Problem } from "../input/problem.ts";
import { count } from "../input/words.ts";
import { BAD_INPUT, type Io } from "./io.ts";

/** So many problems are listed; what goes beyond is only counted. */
const LISTED = 50;

/** Lists problems, one a line, each after the prefix. */
export function report(io: Io, problems: readonly Problem[], prefix = ""): void {
  for (const problem of problems.slice(0, LISTED)) io.err(prefix + formatProblem(problem));
  if (problems.length > LISTED) io.err(`${prefix}... and ${problems.length - LISTED} more`);
}

/** Lists what keeps a command from doing anything; returns its exit code. `undone` says what it therefore did not do. */
export function reportProblems(io: Io, problems: readonly Problem[], undone = "nothing was written"): number {
  report(io, problems);
  io.err(`${count(problems.length, "problem")}; ${undone}.`);
  return BAD_INPUT;
}
