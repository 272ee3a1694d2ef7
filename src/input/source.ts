import { Lines } from "./lines.ts";
import { formatPath, type Path } from "./path.ts";
import type { Finding, Problem } from "./finding.ts";

/** Where a field stands in the text, as offsets in UTF-16 code units. */
export interface Place {
  /** The start of its value. */
  at: number;
  /** The start of its key, for a field of an object. */
  key?: number;
  /** A scalar's text before it was understood: `1.10` where the value is the number 1.1. */
  written?: string;
}

/** A file that was understood as YAML or JSON: its value, and where in the text each field stands. */
export class Source {
  private lines: Lines | undefined;

  constructor(
    readonly file: string,
    readonly text: string,
    readonly value: unknown,
    /** The place of the field, undefined where there is none. */
    readonly find: (path: Path) => Place | undefined,
  ) {}

  /** The problem that a finding is in this file, at its own place or that of the nearest field around it. */
  problem({ code, path, message, hint, key }: Finding): Problem {
    return {
      ...{ code, file: this.file, path: formatPath(path), message },
      ...(hint !== undefined && { hint }),
      ...this.position(path, key),
    };
  }

  /** Line and column, both from 1, of a field, or of the nearest field around it. */
  position(path: Path, key = false): { line: number; col: number } | undefined {
    let place: Place | undefined;
    for (let size = path.length; place === undefined && size >= 0; size--)
      place = this.find(path.slice(0, size));
    const at = place && (key ? (place.key ?? place.at) : place.at);
    this.lines ??= new Lines(this.text);
    return at === undefined ? undefined : this.lines.position(at);
  }

  /** All findings as problems, in the order of the file. */
  problems(findings: readonly Finding[]): Problem[] {
    return findings.map((finding) => this.problem(finding)).sort(byPlace);
  }
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.col ?? 0) - (b.col ?? 0);
}
