import { basename, dirname } from "node:path";
import { statSync } from "node:fs";
import { encodeLike, readBytes, readText } from "../files/read.ts";
import { writeFiles } from "../files/write.ts";
import { formatProblem, type Parsed } from "../input/problem.ts";
import { parsePolicy, type Policy } from "../policy/policy.ts";
import { revisionOf } from "./revision.ts";

/** The policy file as it is now. */
export interface PolicyText {
  text: string;
  revision: string;
  parsed: Parsed<Policy>;
}

/** The policy file, which people edit too: read again when it has changed. */
export class PolicyFile {
  readonly file: string;
  #known: PolicyText | undefined;
  #stamp = "";

  constructor(file: string) {
    this.file = file;
  }

  /** Throws FileError. */
  read(): PolicyText {
    const stamp = stampOf(this.file);
    if (this.#known && stamp !== undefined && stamp === this.#stamp) return this.#known;
    const text = readText(this.file);
    this.#stamp = stamp ?? "";
    this.#known = { text, revision: revisionOf(text), parsed: parsePolicy(text, this.file) };
    return this.#known;
  }

  /** Replaces the file, by rename, in its own encoding. Throws FileError. */
  write(text: string): void {
    const bytes = encodeLike(text, readBytes(this.file));
    writeFiles(dirname(this.file), new Map([[basename(this.file), bytes]]));
    this.#known = undefined;
  }

  /** The lines of what is wrong with a text that is no policy. */
  static problems(parsed: Parsed<Policy>): string[] {
    return parsed.ok ? [] : parsed.problems.map(formatProblem);
  }
}

function stampOf(file: string): string | undefined {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
