import type { Code } from "./kinds.ts";
import type { Path } from "./path.ts";
import type { Source } from "./source.ts";

/** Something found wrong at a path, before it is known where in the file that path stands. */
export interface Finding {
  code: Code;
  path: Path;
  /** What was found and what is allowed: `found "strickt", allowed: "strict" or "off"`. */
  message: string;
  /** What to do about it: `did you mean "strict"?`. */
  hint?: string | undefined;
  /** It is the key that is wrong, not its value: the place is the key's. */
  key?: boolean;
}

/** Something wrong in a file, ready to be shown. */
export interface Problem {
  code: Code;
  /** The file as the user named it. */
  file: string;
  /** The field, as `formatPath` writes it. */
  path: string;
  message: string;
  hint?: string;
  /** From 1; absent where no place is known. */
  line?: number;
  /** From 1, in UTF-16 code units, as editors count. */
  col?: number;
}

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
