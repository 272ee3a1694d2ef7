import { List } from "./list";
import { equals } from "./bytes";
import { unescape } from "./escape";
import { lit, Literal, sizeOf, textOf } from "./literal";
import { Text } from "./text";

/** More digits than any number of ours has, and fewer than could make two readers round to different numbers. */
export const MAX_DIGITS: i32 = 15;

/** Reads what has no parts: strings, numbers, the three words. `JsonReader` (json.ts) puts them into objects and lists. */
export class JsonScanner {
  /** The last string or key read, unescaped, in UTF-8. */
  text: usize = 0;
  size: i32 = 0;
  /** The last number and the last boolean read. */
  number: f64 = 0;
  digits: i32 = 0;
  boolean: bool = false;
  /** The input is not JSON; `syntaxError` says why and where. */
  failed: bool = false;
  readonly syntaxError: Text = new Text();

  protected readonly start: usize;
  protected pos: usize;
  protected readonly end: usize;
  /** The unescaped copies that `text` may have pointed into; who keeps such a slice keeps these. */
  readonly copies: List<ArrayBuffer> = new List<ArrayBuffer>();

  constructor(ptr: usize, size: usize) {
    this.start = ptr;
    this.pos = ptr;
    this.end = ptr + size;
  }

  /** Reads the string that `peek` announced into `text`. */
  readString(): bool {
    this.pos++;
    const from = this.pos;
    let plain = true;
    while (this.pos < this.end) {
      const c = load<u8>(this.pos);
      if (c == 0x22) {
        this.text = from;
        this.size = <i32>(this.pos - from);
        this.pos++;
        return plain ? true : this.unescape();
      }
      if (c < 0x20) return this.fail(lit("found a control character in a string"));
      if (c == 0x5c) {
        plain = false;
        this.pos++;
      }
      this.pos++;
    }
    this.pos = this.end;
    return this.fail(lit("the text ends inside a string"));
  }

  /**
   * Reads the number that `peek` announced (RFC 8259, section 6); `text` is then the number as written. Its value is exact,
   * as JavaScript has it, up to `MAX_DIGITS`, which `digits` counts without leading zeros, and 22 places.
   */
  readNumber(): bool {
    const from = this.pos;
    const negative = this.byte() == 0x2d;
    if (negative) this.pos++;
    this.number = 0;
    this.digits = 0;
    if (this.byte() == 0x30) this.pos++;
    else if (!this.readDigits()) return false;
    let scale: f64 = 0;
    if (this.byte() == 0x2e) {
      const point = ++this.pos;
      if (!this.readDigits()) return false;
      scale = -(<f64>(this.pos - point));
    }
    const mantissa = this.number;
    const digits = this.digits;
    if ((this.byte() | 0x20) == 0x65) {
      this.pos++;
      const down = this.byte() == 0x2d;
      if (down || this.byte() == 0x2b) this.pos++;
      this.number = 0;
      if (!this.readDigits()) return false;
      scale += down ? -this.number : this.number;
    }
    let power: f64 = 1;
    for (let i = Math.abs(scale); i > 0 && power < Infinity; i--) power *= 10;
    this.number = mantissa == 0 ? 0 : scale < 0 ? mantissa / power : mantissa * power;
    if (negative) this.number = -this.number;
    this.digits = digits;
    this.text = from;
    this.size = <i32>(this.pos - from);
    return true;
  }

  /** Reads the boolean that `peek` announced. */
  readBoolean(): bool {
    this.boolean = this.byte() == 0x74;
    return this.literal(this.boolean ? lit("true") : lit("false"));
  }

  /** The escapes of section 7. A slice only shrinks by it, so one copy of its size does. */
  private unescape(): bool {
    const copy = new ArrayBuffer(this.size);
    this.copies.push(copy);
    const to = changetype<usize>(copy);
    const end = unescape(to, this.text, this.text + this.size);
    if (end == 0) return this.fail(lit("found an escape that is unknown or not ASCII"));
    this.text = to;
    this.size = <i32>(end - to);
    return true;
  }

  protected literal(word: Literal): bool {
    const size = sizeOf(word);
    const left = <i32>min(this.end - this.pos, size);
    if (!equals(this.pos, left, textOf(word), size)) return this.expected(word);
    this.pos += size;
    return true;
  }

  /** Reads digits onto the end of `number`. */
  private readDigits(): bool {
    const from = this.pos;
    for (; isDigit(this.byte()); this.pos++) {
      this.number = this.number * 10 + <f64>(this.byte() - 0x30);
      if (this.number > 0) this.digits++;
    }
    return this.pos > from || this.fail(lit("found a number that lacks digits"));
  }

  /** The next byte, or -1 at the end. */
  private byte(): i32 {
    return this.pos < this.end ? <i32>load<u8>(this.pos) : -1;
  }

  /** Passes white space; the next byte, or -1 at the end. */
  protected peekByte(): i32 {
    while (this.pos < this.end) {
      const c = <i32>load<u8>(this.pos);
      if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return c;
      this.pos++;
    }
    return -1;
  }

  protected expected(what: Literal): bool {
    if (this.failed) return false;
    this.syntaxError
      .clear()
      .add(lit("not JSON: found "))
      .char(this.peekByte())
      .add(lit(" where "))
      .add(what)
      .add(lit(" is expected"));
    return this.place();
  }

  protected fail(message: Literal): bool {
    if (this.failed) return false;
    this.syntaxError.clear().add(lit("not JSON: ")).add(message);
    return this.place();
  }

  /** Adds where the reader stands: lines and columns count from 1, columns in bytes. False, for callers to return. */
  private place(): bool {
    this.failed = true;
    let line = 1;
    let column = 1;
    for (let p = this.start; p < this.pos && p < this.end; p++) {
      column++;
      if (load<u8>(p) == 0x0a) {
        line++;
        column = 1;
      }
    }
    this.syntaxError.add(lit(" (line ")).number(line).add(lit(", column ")).number(column).add(lit(")"));
    return false;
  }
}

export function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}
