/** An ASCII text in the data segment: the address of its length, one byte, with its characters behind it. */
export type Literal = usize;

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
