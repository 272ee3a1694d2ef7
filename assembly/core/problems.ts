import { lower } from "./bytes";
import { lit, Literal, sizeOf, textOf } from "./literal";
import { Text } from "./text";

/** How many problems are listed in full: a megabyte of wrong rules must not become a megabyte of log. */
const LISTED: i32 = 50;

/**
 * What is wrong with a configuration: every problem with its JSON path, a line each, in the order found. The list is
 * bounded; what goes beyond is only counted.
 */
export class Problems {
  /** The lines, each ended by a line feed. */
  readonly lines: Text = new Text();
  private readonly surplus: Text = new Text();
  private total: i32 = 0;

  /** Begins a problem; the caller adds `path: message`. */
  begin(): Text {
    this.total++;
    if (this.total > LISTED) return this.surplus.clear();
    return this.total > 1 ? this.lines.add(lit("\n")) : this.lines;
  }

  /** Forgets what was found: after a syntax error the rest is guesswork, so the syntax error stands alone. */
  clear(): void {
    this.lines.clear();
    this.total = 0;
  }

  get any(): bool {
    return this.total > 0;
  }

  /** Ends the list with the number of those that are not in it. */
  finish(): Text {
    const unlisted = this.total - LISTED;
    if (unlisted > 0) this.lines.add(lit("\n(and ")).number(unlisted).add(lit(" more)"));
    return this.lines;
  }
}

/** Adds ` (did you mean "x"?)` for the option nearest to what was found, or nothing when none is near. */
export function hint(text: Text, found: usize, size: i32, options: StaticArray<Literal>): void {
  let nearest = -1;
  let best = 3;
  for (let i = 0; i < options.length; i++) {
    const distance = editDistance(found, size, options[i]);
    if (distance < best && distance < sizeOf(options[i])) {
      best = distance;
      nearest = i;
    }
  }
  if (nearest >= 0) text.add(lit(' (did you mean "')).add(options[nearest]).add(lit('"?)'));
}

/** Levenshtein's distance, without regard to ASCII case; texts too different in length are simply far. */
function editDistance(a: usize, aSize: i32, b: Literal): i32 {
  const bSize = sizeOf(b);
  if (abs(aSize - bSize) > 2) return 3;
  const row = new StaticArray<i32>(bSize + 1);
  for (let j = 0; j <= bSize; j++) row[j] = j;
  for (let i = 1; i <= aSize; i++) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= bSize; j++) {
      const equal = lower(<u32>load<u8>(a + i - 1)) == lower(<u32>load<u8>(textOf(b) + j - 1));
      const substituted = diagonal + (equal ? 0 : 1);
      diagonal = row[j];
      row[j] = min(substituted, min(row[j], row[j - 1]) + 1);
    }
  }
  return row[bSize];
}
