import { JsonScanner, isDigit } from "./json-scanner";
import { lit } from "./literal";
import { Text } from "./text";

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
export class JsonReader extends JsonScanner {
  /** How many objects and lists are being read. */
  depth: i32 = 0;
  /** One entry a level: the index in an array, or -1 and the key's slice in an object. */
  private readonly index: StaticArray<i32> = new StaticArray<i32>(MAX_DEPTH + 1);
  private readonly keyText: StaticArray<usize> = new StaticArray<usize>(MAX_DEPTH + 1);
  private readonly keySize: StaticArray<i32> = new StaticArray<i32>(MAX_DEPTH + 1);

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
}
