import type { Path } from "./path.ts";
import type { Finding } from "./problem.ts";
import type { Place } from "./source.ts";

/** A value read from JSON, with where it and its parts stand. */
interface Node extends Place {
  value: unknown;
  parts?: Map<string | number, Node>;
}

export interface JsonText {
  value: unknown;
  /**
   * Keys given twice: JSON.parse would take the last in silence. The value is that of the first, as in the filter. And
   * numbers of too many digits.
   */
  findings: Finding[];
  find: (path: Path) => Place | undefined;
}

/** Text that is not JSON (RFC 8259), with the first place where it is not. */
export class JsonSyntaxError extends Error {
  constructor(
    message: string,
    /** Its offset. */
    readonly at: number,
  ) {
    super(`not JSON: ${message}`);
  }
}

/** As deep as the filter reads (assembly/core/json.ts). */
const MAX_DEPTH = 32;

/** Numbers of more digits are refused, as by the filter: it and JavaScript could round them to different ones. */
export const MAX_DIGITS = 15;

/** Reads strict JSON, keeping places. Throws JsonSyntaxError. JSON.parse's own messages differ by Node version. */
export function readJson(text: string): JsonText {
  const reader = new Reader(text);
  const root = reader.whole();
  return {
    value: root.value,
    findings: reader.findings,
    find: (path) => path.reduce<Node | undefined>((node, part) => node?.parts?.get(part), root),
  };
}

class Reader {
  readonly findings: Finding[] = [];
  private pos = 0;
  private readonly path: (string | number)[] = [];
  constructor(private readonly text: string) {}

  whole(): Node {
    if (this.peek() === "") throw new JsonSyntaxError("the file is empty", 0);
    const node = this.value();
    if (this.peek() !== "") this.fail(`found ${this.shown()} after the end of the value`);
    return node;
  }

  private value(): Node {
    const next = this.peek();
    if (next === "{" || next === "[") return this.collection(next);
    if (next === '"') return this.string();
    const at = this.pos;
    const number = this.match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y);
    if (number !== undefined) {
      const digits = number.replace(/e.*/i, "").replace(/\D/g, "").replace(/^0+/, "").length;
      if (digits > MAX_DIGITS)
        this.findings.push({ code: "CL0203", path: [...this.path], message: TOO_LONG });
      return { at, value: Number(number), written: number };
    }
    const word = this.match(/true|false|null/y);
    if (word === undefined) this.fail(`found ${this.shown()} where a value is expected`);
    return { at, value: word === "null" ? null : word === "true", written: word };
  }

  private collection(open: "{" | "["): Node {
    const close = open === "{" ? "}" : "]";
    if (this.path.length >= MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} levels`);
    const at = this.pos++;
    const parts = new Map<string | number, Node>();
    for (let index = 0; ; index++) {
      if (index === 0 && this.peek() === close) break;
      const key = open === "{" ? this.key() : undefined;
      const name = key ? (key.value as string) : index;
      this.path.push(name);
      const found = this.findings.length;
      const node = this.value();
      const first = parts.get(name);
      if (first)
        this.findings.splice(found, Infinity, {
          code: "CL0204",
          path: [...this.path],
          key: true,
          message: TWICE,
        });
      parts.set(name, { ...(first ?? node), ...(key && { key: key.at }) });
      this.path.pop();
      if (this.peek() === close) break;
      if (this.peek() !== ",") this.fail(`found ${this.shown()} where "," or "${close}" is expected`);
      this.pos++;
      if (this.peek() === close) this.fail(`found a "," before "${close}"`);
    }
    this.pos++;
    const entries = [...parts].map(([name, node]) => [name, node.value] as const);
    return {
      at,
      parts,
      value: open === "{" ? Object.fromEntries(entries) : entries.map(([, value]) => value),
    };
  }

  private key(): Node {
    if (this.peek() !== '"') this.fail(`found ${this.shown()} where a key in double quotes is expected`);
    const key = this.string();
    if (this.peek() !== ":") this.fail(`found ${this.shown()} where ":" is expected`);
    this.pos++;
    return key;
  }

  private string(): Node {
    const at = this.pos;
    this.match(STRING);
    const next = this.text.charAt(this.pos);
    if (next === "") this.fail("the text ends inside a string");
    if (next !== '"') this.fail(next === "\\" ? "found an unknown escape in a string" : CONTROL);
    this.pos++;
    const value = JSON.parse(this.text.slice(at, this.pos)) as string;
    if (/\p{Surrogate}/u.test(value)) this.fail("found half of a surrogate pair");
    return { at, value };
  }

  /** The next character that is not white space; the empty string at the end. */
  private peek(): string {
    this.match(/[ \t\r\n]+/y);
    return this.text.charAt(this.pos);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.pos;
    const found = pattern.exec(this.text)?.[0];
    this.pos += found?.length ?? 0;
    return found;
  }

  private shown(): string {
    const next = this.text.charAt(this.pos);
    return next === "" ? "the end of the text" : `'${next}'`;
  }

  private fail(message: string): never {
    throw new JsonSyntaxError(message, this.pos);
  }
}

/** A string without its closing quote: no control characters, and only the escapes of RFC 8259, section 7. */
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const TOO_LONG = `found a number of more than ${MAX_DIGITS} digits`;
const TWICE = "found a second time, allowed once";
const CONTROL = "found a control character in a string";
