/**
 * Reads YAML as kubectl and other machines print it, many times faster than any parser that knows all of YAML: blocks, one
 * value a line, texts plain, in quotes or literal. Scalars are YAML 1.1's booleans beside the core schema, as kubectl reads them.
 *
 * @returns the value of the only document; undefined for whatever else there may be in YAML, and for what is wrong: js-yaml
 * then decides (see documents.ts)
 */
export function readBlocks(text: string): object | undefined {
  if (!text.endsWith("\n") || ODD.test(text)) return undefined;
  try {
    const reader = new Reader(text);
    const value = reader.block(0);
    return reader.isAtEnd() ? value : undefined;
  } catch (error) {
    if (error instanceof Unsure) return undefined;
    throw error;
  }
}

/** Tabs, odd line ends and what cannot be printed, and marks of other documents. */
const ODD = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]|^(?:---|\.\.\.|%)/m;

class Unsure extends Error {}

type Key = [name: string, end: number];

class Reader {
  /** The line that comes next: where its text begins and ends, and how deep it is indented; -1 after the last. */
  private at = 0;
  private end = 0;
  private indent = -1;
  private next = 0;

  constructor(private readonly text: string) {
    this.advance();
  }

  isAtEnd(): boolean {
    return this.indent < 0;
  }

  /** The mapping or sequence whose first line comes next. */
  block(depth: number): object {
    if (this.indent < 0 || depth > MAX_DEPTH) throw new Unsure();
    return this.isItem() ? this.sequence(this.indent, depth) : this.mapping(this.indent, depth);
  }

  private mapping(indent: number, depth: number): object {
    const fields: Record<string, unknown> = {};
    do {
      const [name, end] = this.key();
      if (Object.hasOwn(fields, name)) throw new Unsure();
      const rest = this.skip(end);
      if (rest < this.end) fields[name] = this.scalar(rest, indent);
      else {
        this.advance();
        // A list may stand as deep as its key.
        const isInner = this.indent > indent || (this.indent === indent && this.isItem());
        fields[name] = isInner ? this.block(depth + 1) : null;
      }
    } while (this.indent === indent && !this.isItem());
    if (this.indent > indent) throw new Unsure();
    return fields;
  }

  private sequence(indent: number, depth: number): object {
    const items: unknown[] = [];
    do {
      const inner = this.skip(this.at + 1);
      if (inner === this.end) throw new Unsure();
      if (this.keyAt(inner) || this.isItem(inner)) {
        // What stands behind the dash is the first line of a block.
        this.indent += inner - this.at;
        this.at = inner;
        items.push(this.block(depth + 1));
      } else items.push(this.scalar(inner, indent));
    } while (this.indent === indent && this.isItem());
    if (this.indent > indent) throw new Unsure();
    return items;
  }

  private isItem(at = this.at): boolean {
    if (this.text.charCodeAt(at) !== DASH) return false;
    return at + 1 === this.end || this.text.charCodeAt(at + 1) === SPACE;
  }

  private key(): Key {
    const key = this.keyAt(this.at);
    // What these mean is js-yaml's to say.
    if (!key || key[0] === "__proto__" || typeof plain(key[0]) !== "string") throw new Unsure();
    return key;
  }

  /** A name with its colon. */
  private keyAt(at: number): Key | undefined {
    KEY.lastIndex = at;
    const [found] = KEY.exec(this.text) ?? [];
    return found === undefined ? undefined : [found.slice(0, -1), at + found.length];
  }

  /** A value in the line, and after a bar the lines below. */
  private scalar(at: number, indent: number): unknown {
    const first = this.text.charAt(at);
    const written = this.text.slice(at, this.end);
    if (first === "|") return this.literal(written, indent);
    this.advance();
    // A text that goes on in the next line.
    if (this.indent > indent) throw new Unsure();
    if (first === '"') return quoted(written);
    if (first === "'") {
      if (!/^'(?:[^']|'')*'$/.test(written)) throw new Unsure();
      return written.slice(1, -1).replaceAll("''", "'");
    }
    if (written === "{}") return {};
    if (written === "[]") return [];
    if (!PLAIN.test(written)) throw new Unsure();
    return plain(written);
  }

  private literal(header: string, indent: number): string {
    if (header !== "|" && header !== "|-") throw new Unsure();
    const lines: string[] = [];
    const first = this.next;
    const inner = this.skip(first) - first;
    if (inner <= indent || this.text.charAt(first + inner) === "\n") throw new Unsure();
    for (;;) {
      const end = this.text.indexOf("\n", this.next);
      if (end < 0) break;
      const from = Math.min(this.skip(this.next), end);
      if (from < end && from - this.next < inner) break;
      lines.push(this.text.slice(Math.min(this.next + inner, end), end));
      this.next = end + 1;
    }
    this.advance();
    while (lines.at(-1) === "") lines.pop();
    return lines.join("\n") + (header === "|" ? "\n" : "");
  }

  private skip(from: number): number {
    let at = from;
    while (this.text.charCodeAt(at) === SPACE) at++;
    return at;
  }

  /** Goes to the next line that is neither empty nor a comment. */
  private advance(): void {
    for (;;) {
      const start = this.next;
      const end = this.text.indexOf("\n", start);
      if (end < 0) {
        this.indent = -1;
        return;
      }
      this.next = end + 1;
      const at = this.skip(start);
      if (at >= end || this.text.charAt(at) === "#") continue;
      this.indent = at - start;
      this.at = at;
      this.end = end;
      while (this.text.charCodeAt(this.end - 1) === SPACE) this.end--;
      return;
    }
  }
}

const SPACE = 32;
const DASH = 45;
const MAX_DEPTH = 40;
const KEY = /[A-Za-z_][-\w./:]*:(?=[ \n])/y;
/** Begins with no sign of YAML's, and has no comment and no colon that ends a key. */
const PLAIN = /^[^-?:,[\]{}#&*!|>'"%@` ](?:(?!: | #|:$).)*$|^-[^ :#](?:(?!: | #|:$).)*$/;
const WORDS = new Map<string, boolean | null>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"].map(
    (word) => [word, true] as const,
  ),
  ...["false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"].map(
    (word) => [word, false] as const,
  ),
]);
const SIMPLE_NUMBER = /^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?$/;
const NUMBER =
  /^(?:0[ox][0-9a-fA-F]+|[-+]?(?:\.?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN))$/;

/** What a plain text stands for. */
function plain(text: string): unknown {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (SIMPLE_NUMBER.test(text)) return Number(text);
  // Addresses have two dots or more, and are no numbers.
  if (NUMBER.test(text) && text.split(".").length < 3) throw new Unsure();
  return text;
}

/** Where the escapes are JSON's, so is the text. */
function quoted(written: string): unknown {
  try {
    const value: unknown = JSON.parse(written);
    if (typeof value === "string" && !written.includes("\\/")) return value;
  } catch {
    // Escapes that JSON does not know, or a text that goes on.
  }
  throw new Unsure();
}
