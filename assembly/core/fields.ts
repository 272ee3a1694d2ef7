import { List } from "./list";
import { copyOf, isAmong } from "./bytes";
import { JsonReader, Kind, levelAt } from "./json";
import { MAX_DIGITS } from "./json-scanner";
import { lit, Literal, wordIs, Words } from "./literal";
import { Problems } from "./problems";
import { Text } from "./text";

/** As `Kind` counts, from the first that there is. */
const KINDS: StaticArray<Literal> = [
  lit("an object"),
  lit("a list"),
  lit("a string"),
  lit("a number"),
  lit("a boolean"),
  lit("null"),
];

/**
 * Typed reads on top of the JSON reader. Each either returns what was asked for, or notes what was found instead, passes
 * over it, and lets the reading go on, so that one pass finds every problem.
 */
export class Fields {
  /** The names of `next` that the object just ended had, a bit each. */
  seen: u32 = 0;

  constructor(
    readonly json: JsonReader,
    readonly problems: Problems,
  ) {}

  /** Steps into an object; `next` reads its fields. */
  object(): bool {
    if (!this.is(Kind.Object, lit("an object"), 0)) return false;
    this.json.enterObject();
    return true;
  }

  /** The position in `names` of the next field; -1 at the end. Unknown and repeated ones are noted and passed over. */
  next(names: Words): i32 {
    const json = this.json;
    while (json.nextKey()) {
      const field = wordIs(names, json.text, json.size);
      const bit: u32 = 1 << field;
      if (field < 0) {
        this.wrong().add(lit("unknown field, allowed: ")).oneOf(names, json.text, json.size);
      } else if ((levelAt(json.depth).seen & bit) != 0) {
        this.twice();
      } else {
        levelAt(json.depth).seen |= bit;
        return field;
      }
      json.skip();
    }
    if (!json.failed) this.seen = levelAt(json.depth + 1).seen;
    return -1;
  }

  /** `what` is said of what the list holds. */
  array(what: Literal): bool {
    if (!this.is(Kind.Array, what, 0)) return false;
    this.json.enterArray();
    return true;
  }

  /** For the end of a list that must hold something. */
  notEmpty(count: i32): void {
    if (count == 0 && !this.json.failed)
      this.wrong().add(lit("found an empty list, allowed: at least one entry"));
  }

  boolean(otherwise: bool): bool {
    if (!this.is(Kind.Boolean, lit("true or false"), 0)) return otherwise;
    this.json.readBoolean();
    return this.json.boolean;
  }

  number(what: Literal): f64 {
    if (!this.is(Kind.Number, what, 0)) return NaN;
    if (!this.json.readNumber() || this.json.digits <= MAX_DIGITS) return this.json.number;
    this.wrong().add(lit("found a number of more than 15 digits"));
    return NaN;
  }

  /** Notes a number that is not what was asked for. */
  foundNumber(what: Literal): void {
    const json = this.json;
    this.wrong().add(lit("found ")).shown(json.text, json.size).add(lit(", allowed: ")).add(what);
  }

  /** Notes that a field is not there. */
  missing(path: Literal): void {
    this.problems.begin().add(path).add(lit(": missing"));
  }

  /** Notes that what was just read was there already. */
  twice(): void {
    this.wrong().add(lit("found a second time, allowed once"));
  }

  /** The string is then in `json.text`. */
  string(what: Literal): bool {
    return this.is(Kind.String, what, 0) && this.json.readString();
  }

  /** The position in `names` of the string read, or `otherwise`. */
  choice(names: Words, otherwise: i32): i32 {
    const json = this.json;
    if (!this.is(Kind.String, 0, names) || !json.readString()) return otherwise;
    const word = wordIs(names, json.text, json.size);
    if (word >= 0) return word;
    this.found().oneOf(names, this.json.text, this.json.size);
    return otherwise;
  }

  /** A list of at least one name, all valid and distinct, copied. */
  names(what: Literal, valid: (ptr: usize, size: i32) => bool): List<ArrayBuffer> {
    const list: List<ArrayBuffer> = new List<ArrayBuffer>();
    if (!this.array(lit("a list"))) return list;
    let count = 0;
    while (this.json.nextItem()) {
      count++;
      const name = this.name(what, valid);
      if (!name) continue;
      const ptr = changetype<usize>(name);
      if (isAmong(list, ptr, name.byteLength)) {
        this.wrong().add(lit("found ")).quote(ptr, name.byteLength).add(lit(" a second time, allowed once"));
      }
      list.push(name);
    }
    this.notEmpty(count);
    return list;
  }

  /** A valid name, copied; null, with the problem noted, when it is none. */
  name(what: Literal, valid: (ptr: usize, size: i32) => bool): ArrayBuffer | null {
    if (!this.string(what)) return null;
    if (valid(this.json.text, this.json.size)) return copyOf(this.json.text, this.json.size);
    this.found().add(what);
    return null;
  }

  /** Begins a problem at the place being read. */
  wrong(): Text {
    return this.json.writePath(this.problems.begin()).add(lit(": "));
  }

  /** Begins a problem with the text just read. */
  found(): Text {
    return this.wrong().add(lit("found ")).quote(this.json.text, this.json.size).add(lit(", allowed: "));
  }

  /** Whether this kind comes next; if not, what is allowed is `options`, or else `what`. */
  private is(kind: Kind, what: Literal, options: Words): bool {
    const found = this.json.peek();
    if (found == kind) return true;
    if (found == Kind.Invalid) return false;
    const text = this.wrong()
      .add(lit("found "))
      .add(KINDS[found - 1])
      .add(lit(", allowed: "));
    if (options != 0) text.oneOf(options);
    else text.add(what);
    this.json.skip();
    return false;
  }
}
