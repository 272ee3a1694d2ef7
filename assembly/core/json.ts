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

/** A level of what is being read: an object or a list. */
@unmanaged
class Level {
  /** The index in a list; -1 in a fresh list, -2 in a fresh object, -3 in an object whose key was read. */
  index: i32;
  /** The key, in an object. */
  keyText: usize;
  keySize: i32;
  /** For who reads it. */
  seen: u32;
}

const levels: usize = memory.data(528, 4);

/** The level at this depth, from 1 to `MAX_DEPTH`; there is one reader at a time. */
export function levelAt(depth: i32): Level {
  return changetype<Level>(levels + <usize>depth * offsetof<Level>());
}

/**
 * A strict pull reader for RFC 8259 text. It copies nothing: strings without escapes are slices of the input.
 * It never traps: the first syntax error is kept with its place, and from then on every call says "no more".
 */
export class JsonReader extends JsonScanner {
  /** How many objects and lists are being read. */
  depth: i32 = 0;

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
    const level = levelAt(this.depth);
    const first = level.index == -2;
    level.index = -3;
    if (!this.more(0x7d, first)) return false;
    if (this.peekByte() != 0x22) return this.expected(lit("a key in double quotes"));
    if (!this.readString()) return false;
    level.keyText = this.text;
    level.keySize = this.size;
    if (this.peekByte() != 0x3a) return this.expected(lit("':'"));
    this.pos++;
    return true;
  }

  /** To the next item of the array; false at its end (or after a syntax error). */
  nextItem(): bool {
    const level = levelAt(this.depth);
    if (!this.more(0x5d, level.index == -1)) return false;
    level.index++;
    return true;
  }

  /** Passes over whatever comes next, checking its syntax; any depth, no recursion. */
  skip(): void {
    const floor = this.depth;
    do {
      if (this.depth > floor) {
        const more = levelAt(this.depth).index < -1 ? this.nextKey() : this.nextItem();
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
    for (let depth = 1; depth <= this.depth; depth++) {
      const level = levelAt(depth);
      if (level.index >= 0) to.add(lit("[")).number(level.index).add(lit("]"));
      else if (level.index == -3) {
        if (to.size > before) to.add(lit("."));
        to.shown(level.keyText, level.keySize);
      }
    }
    return to.size > before ? to : to.add(lit("(root)"));
  }

  private enter(fresh: i32): void {
    if (this.depth == MAX_DEPTH) {
      this.fail(lit("nested deeper than 32 levels"));
      return;
    }
    this.pos++;
    this.depth++;
    const level = levelAt(this.depth);
    level.index = fresh;
    level.keySize = 0;
    level.seen = 0;
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
