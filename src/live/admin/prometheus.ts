/** A series of Prometheus' text format. */
export interface Series {
  name: string;
  labels: ReadonlyMap<string, string>;
  value: number;
}

/** A text that is not in Prometheus' text format; the message names the line. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

const SERIES = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?[ \t]*$/;
const LABEL = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", '"': '"', "\\": "\\" };

/**
 * Reads the answer of `/stats/prometheus` (the text format, version 0.0.4), comments left out. Throws FormatError: of what
 * is half understood, a leak might be missing.
 */
export function parsePrometheus(text: string): Series[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const [, name, labels = "", value] = SERIES.exec(line) ?? [];
    if (name === undefined) throw wrong(index, "is no series");
    return [{ name, labels: labelsOf(labels, index), value: numberOf(value!, index) }];
  });
}

function labelsOf(text: string, line: number): Map<string, string> {
  const labels = new Map<string, string>();
  LABEL.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ""; at = LABEL.lastIndex) {
    const [, label, value] = LABEL.exec(text) ?? [];
    if (label === undefined) throw wrong(line, "has a label that is none");
    if (labels.has(label)) throw wrong(line, `has the label ${label} twice`);
    labels.set(label, unescaped(value!, line));
  }
  return labels;
}

function unescaped(value: string, line: number): string {
  return value.replace(/\\(.)/g, (_, letter: string) => {
    const meant = ESCAPES[letter];
    if (meant === undefined) throw wrong(line, `has the unknown escape \\${letter}`);
    return meant;
  });
}

function numberOf(text: string, line: number): number {
  if (NUMBER.test(text)) return Number(text);
  const infinite = /^([+-]?)inf$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  throw wrong(line, "has a value that is no number");
}

function wrong(index: number, what: string): FormatError {
  return new FormatError(`line ${index + 1} ${what}`);
}
