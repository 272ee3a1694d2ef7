import type { Problem } from "./finding.ts";
import type { Source } from "./source.ts";

export type { Finding, Problem } from "./finding.ts";

/** A file that was read: its value and where it came from, or all that is wrong with it. */
export type Parsed<T> = { ok: true; value: T; source: Source } | { ok: false; problems: Problem[] };

/** Thrown where a value is wanted and only problems are there. The message lists them, one a line. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(formatProblem).join("\n"));
  }
}

/** The value, or InvalidInput. */
export function orThrow<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new InvalidInput(parsed.problems);
  return parsed.value;
}

/** `policy.yaml:7:11: CL0203: rules[0].mode: found "strickt", allowed: ... (did you mean "strict"?)`: one line, clickable. */
export function formatProblem({ code, file, path, message, hint, line, col }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${col ?? 1}`;
  return `${place}: ${code}: ${path}: ${message}${hint === undefined ? "" : ` (${hint})`}`;
}
