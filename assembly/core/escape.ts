import { lit, Literal } from "./literal";

/** Results of `unescape` below this are problems: no address is so low. */
export const UNESCAPED: usize = 3;

/** What is wrong, by the result of `unescape`. */
export function unescapeProblem(result: usize): Literal {
  if (result == 0) return lit("found an unknown escape");
  if (result == 1) return lit("found an escape without four hexadecimal digits");
  return lit("found half of a surrogate pair");
}

/**
 * Writes the text between `from` and `stop`, which has a character behind each backslash, without its escapes (RFC 8259,
 * section 7); where it ends, or the number of a problem.
 */
export function unescape(to: usize, from: usize, stop: usize): usize {
  while (from < stop) {
    const c = load<u8>(from++);
    if (c != 0x5c) {
      store<u8>(to++, c);
      continue;
    }
    const escape = load<u8>(from++);
    const simple = simpleEscape(escape);
    if (simple != 0) {
      store<u8>(to++, <u8>simple);
      continue;
    }
    if (escape != 0x75) return 0;
    let point = hex4(from, stop);
    from += 4;
    if (point >= 0xd800 && point < 0xdc00 && from + 6 <= stop && load<u16>(from) == 0x755c) {
      const low = hex4(from + 2, stop);
      if (low >= 0xdc00 && low < 0xe000) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        from += 6;
      }
    }
    if (point < 0) return 1;
    if (point >= 0xd800 && point < 0xe000) return 2;
    to = writeUtf8(to, point);
  }
  return to;
}

function simpleEscape(c: u32): u32 {
  if (c == 0x22 || c == 0x5c || c == 0x2f) return c;
  if (c == 0x62) return 8;
  if (c == 0x66) return 12;
  if (c == 0x6e) return 10;
  if (c == 0x72) return 13;
  if (c == 0x74) return 9;
  return 0;
}

/** Four hexadecimal digits, or -1. */
function hex4(at: usize, stop: usize): i32 {
  if (at + 4 > stop) return -1;
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const c = <i32>load<u8>(at + i);
    const letter = (c | 0x20) - 0x61;
    if (c >= 0x30 && c <= 0x39) value = (value << 4) | (c - 0x30);
    else if (letter >= 0 && letter < 6) value = (value << 4) | (letter + 10);
    else return -1;
  }
  return value;
}

/** Writes the code point in UTF-8 (RFC 3629) at `to`; where the next one goes. */
function writeUtf8(to: usize, point: i32): usize {
  if (point < 0x80) {
    store<u8>(to, <u8>point);
    return to + 1;
  }
  if (point < 0x800) {
    store<u8>(to, <u8>(0xc0 | (point >> 6)));
    store<u8>(to + 1, <u8>(0x80 | (point & 0x3f)));
    return to + 2;
  }
  if (point < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (point >> 12)));
    store<u8>(to + 1, <u8>(0x80 | ((point >> 6) & 0x3f)));
    store<u8>(to + 2, <u8>(0x80 | (point & 0x3f)));
    return to + 3;
  }
  store<u8>(to, <u8>(0xf0 | (point >> 18)));
  store<u8>(to + 1, <u8>(0x80 | ((point >> 12) & 0x3f)));
  store<u8>(to + 2, <u8>(0x80 | ((point >> 6) & 0x3f)));
  store<u8>(to + 3, <u8>(0x80 | (point & 0x3f)));
  return to + 4;
}
