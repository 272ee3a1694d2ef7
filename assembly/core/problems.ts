import { lit } from "./literal";
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
