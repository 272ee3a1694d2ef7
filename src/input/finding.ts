import type { Code } from "./kinds.ts";
import type { Path } from "./path.ts";

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
