import { equals, indexOf } from "./bytes";

/** An ASCII text in the data segment: the address of its length, one byte, with its characters behind it. */
export type Literal = usize;

/** Words joined by commas: names that may stand in one place. They are counted from 0. */
export type Words = Literal;

/** Makes a literal of a string while the module is compiled (ascii.mjs); there is nothing left to call. */
// @ts-ignore: decorator
@external("compiler", "lit")
export declare function lit(text: string): Literal;

// @ts-ignore: decorator
@inline
export function sizeOf(literal: Literal): i32 {
  return <i32>load<u8>(literal);
}

// @ts-ignore: decorator
@inline
export function textOf(literal: Literal): usize {
  return literal + 1;
}

/** Which of the words the text is, or -1. */
export function wordIs(words: Words, ptr: usize, size: i32): i32 {
  let at = textOf(words);
  const end = at + sizeOf(words);
  for (let word = 0; at <= end; word++) {
    const comma = indexOf(at, <i32>(end - at), 0x2c);
    const length = comma < 0 ? <i32>(end - at) : comma;
    if (equals(at, length, ptr, size)) return word;
    at += length + 1;
  }
  return -1;
}
