import { lower } from "./bytes";

/**
 * What is wrong with a configuration: every problem with its JSON path, in the order found. The list is bounded;
 * what goes beyond is only counted.
 */
export class Problems {
  /** How many problems are listed in full: a megabyte of wrong rules must not become a megabyte of log. */
  static readonly LISTED: i32 = 50;

  readonly lines: string[] = [];
  private total: i32 = 0;

  add(path: string, message: string): void {
    this.total++;
    if (this.total <= Problems.LISTED) this.lines.push(path + ": " + message);
  }

  /** Forgets what was found: after a syntax error the rest is guesswork, so the syntax error stands alone. */
  clear(): void {
    this.lines.length = 0;
    this.total = 0;
  }

  get any(): bool {
    return this.total > 0;
  }

  /** How many were found beyond those in `lines`. */
  get unlisted(): i32 {
    return this.total - this.lines.length;
  }
}

/** ` (did you mean "x"?)` for the option nearest to what was found, or nothing when none is near. */
export function hint(found: string, options: StaticArray<string>): string {
  let nearest = "";
  let best = 3;
  for (let i = 0; i < options.length; i++) {
    const distance = editDistance(found, options[i]);
    if (distance < best && distance < options[i].length) {
      best = distance;
      nearest = options[i];
    }
  }
  return nearest.length > 0 ? ' (did you mean "' + nearest + '"?)' : "";
}

/** `"a", "b" or "c"`, for messages that say what is allowed. */
export function oneOf(options: StaticArray<string>): string {
  let text = "";
  for (let i = 0; i < options.length; i++) {
    if (i > 0) text += i == options.length - 1 ? " or " : ", ";
    text += '"' + options[i] + '"';
  }
  return text;
}

/** Levenshtein's distance, without regard to ASCII case; texts too different in length are simply far. */
function editDistance(a: string, b: string): i32 {
  if (abs(a.length - b.length) > 2) return 3;
  let row = new StaticArray<i32>(b.length + 1);
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const substituted = diagonal + (lower(a.charCodeAt(i - 1)) == lower(b.charCodeAt(j - 1)) ? 0 : 1);
      diagonal = row[j];
      row[j] = min(substituted, min(row[j], row[j - 1]) + 1);
    }
  }
  return row[b.length];
}
