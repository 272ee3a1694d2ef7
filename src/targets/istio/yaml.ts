import { isRecord } from "../../input/fields.ts";

/** Texts that need no quotes whether YAML 1.1 or 1.2 is read: no number, no boolean, no indicator. */
const PLAIN = /^[A-Za-z/][-A-Za-z0-9_./]*$/;
const WORD = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Writes a value in YAML's block style, as kubectl prints it; fields in the order given. Undefined ones are left out. */
export function toYaml(value: unknown): string {
  return `${block(value, "").join("\n")}\n`;
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

function block(value: unknown, indent: string): string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((item: unknown) => {
      const known = typeof item === "object" && item !== null ? LINES.get(item) : undefined;
      if (known !== undefined && known.length <= MAX_LINE) return [`${indent}- ${known}`];
      const [first = "", ...rest] = block(item, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  const entries = isRecord(value) ? Object.entries(value).filter(([, inner]) => inner !== undefined) : [];
  if (entries.length === 0) return [indent + scalar(value)];
  return entries.flatMap(([key, inner]) => {
    const name = `${indent}${text(key)}:`;
    if (!isCollection(inner)) return [`${name} ${scalar(inner)}`];
    return [name, ...block(inner, Array.isArray(inner) ? indent : `${indent}  `)];
  });
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
