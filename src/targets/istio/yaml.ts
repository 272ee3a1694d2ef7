import { isRecord } from "../../input/fields.ts";

/** Texts that need no quotes whether YAML 1.1 or 1.2 is read: no number, no boolean, no indicator. */
const PLAIN = /^[A-Za-z/][-A-Za-z0-9_./]*$/;
const WORD = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Writes a value in YAML's block style, as kubectl prints it; fields in the order given. Undefined ones are left out. */
export function toYaml(value: unknown): string {
  const lines: string[] = [];
  write(value, "", "", lines);
  return `${lines.join("\n")}\n`;
}

/** Objects that stand on one line, as JSON, and what that is. */
const LINES = new WeakMap<object, string>();
/** In characters. */
const MAX_LINE = 400;

/** JSON, which is YAML, too. Of thousands of short items in a list, one a line reads best, and is written soonest. */
export function line(value: object): string {
  let text = LINES.get(value);
  if (text === undefined) {
    text = JSON.stringify(value);
    LINES.set(value, text);
  }
  return text;
}

/**
 * Writes the lines of a value.
 *
 * @param first what its first line begins with: the same indent, or one that ends with a dash
 */
function write(value: unknown, indent: string, first: string, lines: string[]): void {
  let begin = first;
  if (Array.isArray(value) && value.length > 0) {
    for (const item of value as unknown[]) {
      const known = typeof item === "object" && item !== null ? LINES.get(item) : undefined;
      if (known !== undefined && known.length <= MAX_LINE) lines.push(`${begin}- ${known}`);
      else write(item, `${indent}  `, `${begin}- `, lines);
      begin = indent;
    }
    return;
  }
  const entries = isRecord(value) ? Object.entries(value).filter(([, inner]) => inner !== undefined) : [];
  if (entries.length === 0) lines.push(first + scalar(value));
  for (const [key, inner] of entries) {
    const name = `${begin}${text(key)}:`;
    begin = indent;
    if (!isCollection(inner)) {
      lines.push(`${name} ${scalar(inner)}`);
      continue;
    }
    lines.push(name);
    const deeper = Array.isArray(inner) ? indent : `${indent}  `;
    write(inner, deeper, deeper, lines);
  }
}

function isCollection(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isRecord(value) && Object.keys(value).length > 0;
}

function scalar(value: unknown): string {
  return typeof value === "string" ? text(value) : JSON.stringify(value);
}

/** JSON's strings are YAML's double-quoted ones. */
function text(value: string): string {
  return PLAIN.test(value) && !WORD.test(value) ? value : JSON.stringify(value);
}
