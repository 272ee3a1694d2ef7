import { equals } from "./bytes";
import { unescape, UNESCAPED, unescapeProblem } from "./escape";
import { lit, Literal, sizeOf, textOf } from "./literal";
import { Text } from "./text";
import { utf8Width } from "./unicode";

/** Reads what has no parts: strings, numbers, the three words. `JsonReader` (json.ts) puts them into objects and lists. */
export class JsonScanner {
  /** The last string or key read, unescaped, in UTF-8. */
  text: usize = 0;
  size: i32 = 0;
  /** The last number and the last boolean read. */
  number: f64 = 0;
  boolean: bool = false;
  /** The input is not JSON; `syntaxError` says why and where. */
  failed: bool = false;
  readonly syntaxError: Text = new Text();

  protected readonly start: usize;
  protected pos: usize;
  protected readonly end: usize;
  /** How many digits `digits` added to the number, and how many were too many. */
  private taken: i32 = 0;
  private dropped: i32 = 0;
  /** The unescaped copies that `text` may have pointed into; who keeps such a slice keeps these. */
  readonly copies: ArrayBuffer[] = [];

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
      if (c < 0x80) {
        if (c == 0x5c) {
          plain = false;
          this.pos++;
        }
        this.pos++;
      } else {
        const width = utf8Width(this.pos, this.end);
        if (width == 0) return this.fail(lit("found bytes that are not UTF-8"));
        this.pos += width;
      }
    }
    this.pos = this.end;
    return this.fail(lit("the text ends inside a string"));
  }

  /**
   * Reads the number that `peek` announced (RFC 8259, section 6); `text` is then the number as written. Its value is
   * exact up to 15 digits, far more than any number of ours has.
   */
  readNumber(): bool {
    const from = this.pos;
    const negative = this.at(0) == 0x2d;
    this.number = 0;
    this.dropped = 0;
    if (negative) this.pos++;
    if (this.at(0) == 0x30) this.pos++;
    else if (!this.digits()) return this.fail(lit("found a number without digits"));
    let scale = this.dropped;
    if (this.at(0) == 0x2e) {
      this.pos++;
      if (!this.digits()) return this.fail(lit("found a number that ends at its decimal point"));
      scale -= this.taken;
    }
    if ((this.at(0) | 0x20) == 0x65) {
      this.pos++;
      const down = this.at(0) == 0x2d;
      if (down || this.at(0) == 0x2b) this.pos++;
      const mantissa = this.number;
      this.number = 0;
      if (!this.digits()) return this.fail(lit("found a number that ends at its exponent"));
      const exponent = <i32>min<f64>(this.number, 1e9);
      this.number = mantissa;
      scale += down ? -exponent : exponent;
    }
    for (; scale < 0 && this.number != 0; scale++) this.number /= 10;
    for (; scale > 0 && this.number != 0 && this.number < Infinity; scale--) this.number *= 10;
    if (negative) this.number = -this.number;
    this.text = from;
    this.size = <i32>(this.pos - from);
    return true;
  }

  /** Reads the boolean that `peek` announced. */
  readBoolean(): bool {
    this.boolean = this.at(0) == 0x74;
    return this.literal(this.boolean ? lit("true") : lit("false"));
  }

  /** The escapes of section 7. A slice only shrinks by it, so one copy of its size does. */
  private unescape(): bool {
    const copy = new ArrayBuffer(this.size);
    this.copies.push(copy);
    const to = changetype<usize>(copy);
    const end = unescape(to, this.text, this.text + this.size);
    if (end < UNESCAPED) return this.fail(unescapeProblem(end));
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

  /** Reads digits onto the end of `number`, as far as they tell; false when there are none. */
  private digits(): bool {
    this.taken = 0;
    this.dropped = 0;
    const from = this.pos;
    for (; isDigit(this.at(0)); this.pos++) {
      if (this.number < 1e17) {
        this.number = this.number * 10 + <f64>(this.at(0) - 0x30);
        this.taken++;
      } else this.dropped++;
    }
    return this.pos > from;
  }

  /** The byte `offset` ahead, or -1 past the end. */
  private at(offset: i32): i32 {
    return this.pos + offset < this.end ? <i32>load<u8>(this.pos + offset) : -1;
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
