import { List } from "./list";
import { Literal, sizeOf, textOf } from "./literal";

/** Byte helpers shared by the whole core. A text is a pointer and a size; nothing here allocates but `ascii` and `copyOf`. */

/** A copy of a literal, where it may take turns with a configured text. */
export function ascii(literal: Literal): ArrayBuffer {
  return copyOf(textOf(literal), sizeOf(literal));
}

/** ASCII lower case: DNS names compare without regard to case (RFC 4343). */
// @ts-ignore: decorator
@inline
export function lower(c: u32): u32 {
  return c - 0x41 < 26 ? c | 0x20 : c;
}

/** Whether the text is the literal, byte for byte; literals here are ASCII. */
export function equalsLiteral(ptr: usize, size: i32, literal: Literal): bool {
  return equals(ptr, size, textOf(literal), sizeOf(literal));
}

/** Whether two texts are the same, byte for byte. */
export function equals(a: usize, aSize: i32, b: usize, bSize: i32): bool {
  if (aSize != bSize) return false;
  for (let i = 0; i < aSize; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}

/** Where the byte first stands, or -1. */
export function indexOf(ptr: usize, size: i32, byte: u32): i32 {
  for (let i = 0; i < size; i++) {
    if (<u32>load<u8>(ptr + i) == byte) return i;
  }
  return -1;
}

/** A copy that outlives the text it was made from. */
export function copyOf(ptr: usize, size: i32): ArrayBuffer {
  const copy = new ArrayBuffer(size);
  memory.copy(changetype<usize>(copy), ptr, size);
  return copy;
}

/** Whether the text is one of these. */
export function isAmong(names: List<ArrayBuffer>, ptr: usize, size: i32): bool {
  for (let i = 0; i < names.length; i++) {
    if (equals(changetype<usize>(unchecked(names[i])), unchecked(names[i]).byteLength, ptr, size))
      return true;
  }
  return false;
}
