import { display, equals, equalsLiteral } from "./bytes";
import { JsonReader, Kind } from "./json";
import { Problems, hint, oneOf } from "./problems";

/**
 * Typed reads on top of the JSON reader. Each either returns what was asked for, or notes what was found instead, passes
 * over it, and lets the reading go on, so that one pass finds every problem.
 */
export class Fields {
  constructor(
    readonly json: JsonReader,
    readonly problems: Problems,
  ) {}

  /** The position in `names` of the key just read; -1, with the value passed over, for an unknown or repeated one. */
  known(names: StaticArray<string>, seen: u32): i32 {
    const json = this.json;
    for (let i = 0; i < names.length; i++) {
      if (!equalsLiteral(json.text, json.size, names[i])) continue;
      if ((seen & (1 << i)) == 0) return i;
      this.wrong("found a second time, allowed once");
      json.skip();
      return -1;
    }
    const key = display(json.text, json.size);
    this.wrong("unknown field, allowed: " + oneOf(names) + hint(key, names));
    json.skip();
    return -1;
  }

  object(): bool {
    if (!this.is(Kind.Object, "an object")) return false;
    this.json.enterObject();
    return true;
  }

  array(what: string): bool {
    if (!this.is(Kind.Array, "a list of " + what)) return false;
    this.json.enterArray();
    return true;
  }

  boolean(otherwise: bool): bool {
    if (!this.is(Kind.Boolean, "true or false")) return otherwise;
    this.json.readBoolean();
    return this.json.boolean;
  }

  number(what: string): f64 {
    if (!this.is(Kind.Number, what)) return NaN;
    this.json.readNumber();
    return this.json.number;
  }

  /** The string is then in `json.text`. */
  string(what: string): bool {
    return this.is(Kind.String, what) && this.json.readString();
  }

  /** The position in `names` of the string read, or `otherwise`. */
  choice(names: StaticArray<string>, otherwise: i32): i32 {
    if (!this.string(oneOf(names))) return otherwise;
    for (let i = 0; i < names.length; i++) {
      if (equalsLiteral(this.json.text, this.json.size, names[i])) return i;
    }
    const found = display(this.json.text, this.json.size);
    this.wrong('found "' + found + '", allowed: ' + oneOf(names) + hint(found, names));
    return otherwise;
  }

  /** A list of at least one name, all valid and distinct, copied. */
  names(what: string, valid: (ptr: usize, size: i32) => bool): ArrayBuffer[] {
    const list: ArrayBuffer[] = [];
    if (!this.array(what)) return list;
    let empty = true;
    while (this.json.nextItem()) {
      empty = false;
      const name = this.name(what, valid);
      if (!name) continue;
      for (let i = 0; i < list.length; i++) {
        if (
          equals(changetype<usize>(list[i]), list[i].byteLength, changetype<usize>(name), name.byteLength)
        ) {
          this.wrong('found "' + String.UTF8.decode(name) + '" a second time, allowed once');
          break;
        }
      }
      list.push(name);
    }
    if (empty && !this.json.failed) this.wrong("found an empty list, allowed: at least one entry");
    return list;
  }

  /** A valid name, copied; null, with the problem noted, when it is none. */
  name(what: string, valid: (ptr: usize, size: i32) => bool): ArrayBuffer | null {
    if (!this.string(what)) return null;
    if (!valid(this.json.text, this.json.size)) {
      this.wrong('found "' + display(this.json.text, this.json.size) + '", allowed: ' + what);
      return null;
    }
    const copy = new ArrayBuffer(this.json.size);
    memory.copy(changetype<usize>(copy), this.json.text, this.json.size);
    return copy;
  }

  /** Notes a problem at the place being read. */
  wrong(message: string): void {
    this.problems.add(this.json.path(), message);
  }

  private is(kind: Kind, what: string): bool {
    const found = this.json.peek();
    if (found == kind) return true;
    if (found == Kind.Invalid) return false;
    this.wrong("found " + KINDS[found] + ", allowed: " + what);
    this.json.skip();
    return false;
  }
}

/** As `Kind` counts. */
const KINDS: StaticArray<string> = [
  "nothing",
  "an object",
  "a list",
  "a string",
  "a number",
  "a boolean",
  "null",
];
