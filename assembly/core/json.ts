import { equals } from "./bytes";
import { unescape, UNESCAPED, unescapeProblem } from "./escape";
import { lit, Literal, sizeOf, textOf } from "./literal";
import { Problems } from "./problems";
import { Text } from "./text";
import { utf8Width } from "./unicode";

/** The kinds of JSON value (RFC 8259, section 3). */
export enum Kind {
  Invalid,
  Object,
  Array,
  String,
  Number,
  Boolean,
  Null,
}

/** Deeper than any configuration of ours, and shallow enough for the fixed path below. */
export const MAX_DEPTH: i32 = 32;

/**
 * A strict pull reader for RFC 8259 text. It copies nothing: strings without escapes are slices of the input.
 * It never traps: the first syntax error is kept with its place, and from then on every call says "no more".
 */
export class JsonReader {
  /** The last string or key read, unescaped, in UTF-8. */
  text: usize = 0;
  size: i32 = 0;
  /** The last number and the last boolean read. */
  number: f64 = 0;
  boolean: bool = false;
  /** The input is not JSON; `syntaxError` says why and where. */
  failed: bool = false;
  readonly syntaxError: Text = new Text();

  private readonly start: usize;
  private pos: usize;
  private readonly end: usize;
  /** How many objects and lists are being read. */
  depth: i32 = 0;
  /** How many digits `digits` added to the number, and how many were too many. */
  private taken: i32 = 0;
  private dropped: i32 = 0;
  /** One entry a level: the index in an array, or -1 and the key's slice in an object. */
  private readonly index: StaticArray<i32> = new StaticArray<i32>(MAX_DEPTH + 1);
  private readonly keyText: StaticArray<usize> = new StaticArray<usize>(MAX_DEPTH + 1);
  private readonly keySize: StaticArray<i32> = new StaticArray<i32>(MAX_DEPTH + 1);
  /** The unescaped copies that `text` may have pointed into; who keeps such a slice keeps these. */
  readonly copies: ArrayBuffer[] = [];

  constructor(ptr: usize, size: usize) {
    this.start = ptr;
    this.pos = ptr;
    this.end = ptr + size;
  }

  /** What comes next, without reading it. */
  peek(): Kind {
    if (this.failed) return Kind.Invalid;
    const c = this.peekByte();
    if (c == 0x7b) return Kind.Object;
    if (c == 0x5b) return Kind.Array;
    if (c == 0x22) return Kind.String;
    if (c == 0x2d || isDigit(c)) return Kind.Number;
    if (c == 0x74 || c == 0x66) return Kind.Boolean;
    if (c == 0x6e) return Kind.Null;
    this.expected(lit("a value"));
    return Kind.Invalid;
  }

  /** Steps into the object that `peek` announced. */
  enterObject(): void {
    this.enter(-2);
  }

  /** Steps into the array that `peek` announced. */
  enterArray(): void {
    this.enter(-1);
  }

  /** The next key of the object into `text`; false at its end (or after a syntax error). */
  nextKey(): bool {
    const first = this.index[this.depth] == -2;
    this.index[this.depth] = -3;
    if (!this.more(0x7d, first)) return false;
    if (this.peekByte() != 0x22) return this.expected(lit("a key in double quotes"));
    if (!this.readString()) return false;
    this.keyText[this.depth] = this.text;
    this.keySize[this.depth] = this.size;
    if (this.peekByte() != 0x3a) return this.expected(lit("':'"));
    this.pos++;
    return true;
  }

  /** To the next item of the array; false at its end (or after a syntax error). */
  nextItem(): bool {
    const first = this.index[this.depth] == -1;
    if (!this.more(0x5d, first)) return false;
    this.index[this.depth]++;
    return true;
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

  /** Passes over whatever comes next, checking its syntax; any depth, no recursion. */
  skip(): void {
    const floor = this.depth;
    do {
      if (this.depth > floor) {
        const more =
          this.index[this.depth] == -2 || this.index[this.depth] == -3 ? this.nextKey() : this.nextItem();
        if (this.failed) return;
        if (!more) continue;
      }
      const kind = this.peek();
      if (kind == Kind.Object) this.enterObject();
      else if (kind == Kind.Array) this.enterArray();
      else if (kind == Kind.String) this.readString();
      else if (kind == Kind.Number) this.readNumber();
      else if (kind == Kind.Boolean) this.readBoolean();
      else if (kind == Kind.Null) this.literal(lit("null"));
    } while (this.depth > floor && !this.failed);
  }

  /** Whether nothing but white space is left. */
  finish(): bool {
    if (this.failed) return false;
    const c = this.peekByte();
    return c < 0 || this.expected(lit("the end of the text"));
  }

  /** Adds the path of the value being read, as in `rules[3].services[0]`; `(root)` at the top. */
  writePath(to: Text): Text {
    const before = to.size;
    for (let level = 1; level <= this.depth; level++) {
      const index = this.index[level];
      if (index >= 0) to.add(lit("[")).number(index).add(lit("]"));
      else if (index == -3) {
        if (to.size > before) to.add(lit("."));
        to.shown(this.keyText[level], this.keySize[level]);
      }
    }
    return to.size > before ? to : to.add(lit("(root)"));
  }

  /** Adds the syntax error, if there was one, in place of all that was found before it. */
  report(problems: Problems): void {
    if (!this.failed) return;
    problems.clear();
    problems.begin().add(lit("(root): ")).bytes(this.syntaxError.ptr, this.syntaxError.size);
  }

  /** `index` is -1 in a fresh array, -2 in a fresh object, -3 in an object whose key was read. */
  private enter(fresh: i32): void {
    if (this.depth == MAX_DEPTH) {
      this.fail(lit("nested deeper than 32 levels"));
      return;
    }
    this.pos++;
    this.depth++;
    this.index[this.depth] = fresh;
    this.keySize[this.depth] = 0;
  }

  /** Passes the comma, or the closing bracket, which ends the level. */
  private more(close: i32, first: bool): bool {
    if (this.failed) return false;
    let c = this.peekByte();
    if (c == close) {
      this.pos++;
      this.depth--;
      return false;
    }
    if (first) return true;
    if (c != 0x2c) return this.expected(close == 0x7d ? lit("',' or '}'") : lit("',' or ']'"));
    this.pos++;
    c = this.peekByte();
    return c != close || this.fail(lit("found a ',' before the end of a list or an object"));
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

  private literal(word: Literal): bool {
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
  private peekByte(): i32 {
    while (this.pos < this.end) {
      const c = <i32>load<u8>(this.pos);
      if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return c;
      this.pos++;
    }
    return -1;
  }

  private expected(what: Literal): bool {
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

  private fail(message: Literal): bool {
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

function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}
