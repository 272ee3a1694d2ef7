import { indexOf } from "./bytes";
import { Literal, lit, sizeOf, textOf } from "./literal";

/**
 * A text under construction: UTF-8 bytes in a buffer that is used again. All of the filter's words go through here, so
 * the module needs none of the compiler's string machinery. Literals are ASCII.
 */
export class Text {
  private held: ArrayBuffer = new ArrayBuffer(1024);
  size: i32 = 0;

  get ptr(): usize {
    return changetype<usize>(this.held);
  }

  clear(): Text {
    this.size = 0;
    return this;
  }

  add(literal: Literal): Text {
    return this.bytes(textOf(literal), sizeOf(literal));
  }

  bytes(ptr: usize, size: i32): Text {
    memory.copy(this.room(size), ptr, size);
    return this;
  }

  buffer(text: ArrayBuffer): Text {
    return this.bytes(changetype<usize>(text), text.byteLength);
  }

  byte(value: u8): Text {
    store<u8>(this.room(1), value);
    return this;
  }

  number(value: i32): Text {
    if (value > 9) this.number(value / 10);
    return this.byte(<u8>(0x30 + (value % 10)));
  }

  /**
   * What somebody wrote: 80 bytes of it at most, no half of a character, and no control character, so that no input can
   * make a line grow without bound, or make two of it.
   */
  shown(ptr: usize, size: i32): Text {
    let cut = min(size, 80);
    while (cut < size && cut > 0 && (load<u8>(ptr + cut) & 0xc0) == 0x80) cut--;
    const to = this.room(cut);
    for (let i = 0; i < cut; i++) {
      const c = load<u8>(ptr + i);
      store<u8>(to + i, c < 0x20 || c == 0x7f ? 0x3f : c);
    }
    return this;
  }

  /** The same in double quotes, with a sign when it was cut. */
  quote(ptr: usize, size: i32): Text {
    return this.add(lit('"'))
      .shown(ptr, size)
      .add(size > 80 ? lit('..."') : lit('"'));
  }

  /** One byte for a message: itself when it prints, else its number; -1 is the end of the text. */
  char(c: i32): Text {
    if (c < 0) return this.add(lit("the end of the text"));
    if (c <= 0x20 || c >= 0x7f) return this.add(lit("byte ")).number(c);
    return this.add(lit("'"))
      .byte(<u8>c)
      .add(lit("'"));
  }

  /** `"a", "b" or "c"` of the words `a,b,c`, and the one that what was found is a slip of the pen away from. */
  oneOf(words: Literal, found: usize = 0, size: i32 = 0): Text {
    const end = textOf(words) + sizeOf(words);
    let meant: usize = 0;
    let meantSize = 0;
    let comma = 0;
    for (let at = textOf(words); comma >= 0; at += comma + 1) {
      comma = indexOf(at, <i32>(end - at), 0x2c);
      const last = comma < 0;
      const wordSize = last ? <i32>(end - at) : comma;
      if (at != textOf(words)) this.add(last ? lit(" or ") : lit(", "));
      this.quote(at, wordSize);
      if (isSlip(found, size, at, wordSize)) {
        meant = at;
        meantSize = wordSize;
      }
    }
    if (meantSize == 0) return this;
    return this.add(lit(" (did you mean ")).quote(meant, meantSize).add(lit("?)"));
  }

  /** Room for so many more bytes: where they go. */
  private room(size: i32): usize {
    const needed = this.size + size;
    if (needed > this.held.byteLength) {
      const grown = new ArrayBuffer(max(needed, this.held.byteLength * 2));
      memory.copy(changetype<usize>(grown), this.ptr, this.size);
      this.held = grown;
    }
    const at = this.ptr + this.size;
    this.size = needed;
    return at;
  }
}

/** Whether two texts begin and end alike but for two bytes in between: one left out, put in, mistaken, or two swapped. */
function isSlip(a: usize, aSize: i32, b: usize, bSize: i32): bool {
  const shorter = min(aSize, bSize);
  let alike = 0;
  while (alike < shorter && load<u8>(a + alike) == load<u8>(b + alike)) alike++;
  for (let i = 1; alike < shorter && load<u8>(a + aSize - i) == load<u8>(b + bSize - i); i++) alike++;
  return alike > 1 && alike >= max(aSize, bSize) - 2;
}
