/**
 * Writes the text between `from` and `stop`, which has a character behind each backslash, without its escapes (RFC 8259,
 * section 7); where it ends, 0 for an escape that is none, or of a character beyond ASCII: no name of ours has one.
 */
export function unescape(to: usize, from: usize, stop: usize): usize {
  while (from < stop) {
    let c = <u32>load<u8>(from++);
    if (c == 0x5c) {
      c = load<u8>(from++);
      if (c == 0x75) {
        c = hex4(from, stop);
        if (c > 0x7f) return 0;
        from += 4;
      } else {
        c = simpleEscape(c);
        if (c == 0) return 0;
      }
    }
    store<u8>(to++, <u8>c);
  }
  return to;
}

function simpleEscape(c: u32): u32 {
  if (c == 0x22 || c == 0x5c || c == 0x2f) return c;
  if (c == 0x62) return 8;
  if (c == 0x66) return 12;
  if (c == 0x6e) return 10;
  if (c == 0x72) return 13;
  return c == 0x74 ? 9 : 0;
}

/** Four hexadecimal digits; more than four could tell where they are none. */
function hex4(at: usize, stop: usize): u32 {
  if (at + 4 > stop) return u32.MAX_VALUE;
  let value: u32 = 0;
  for (let i = 0; i < 4; i++) {
    const c = <u32>load<u8>(at + i);
    const digit = c - 0x30 < 10 ? c - 0x30 : (c | 0x20) - 0x57;
    if (digit > 15 || (digit < 10 && c > 0x39)) return u32.MAX_VALUE;
    value = (value << 4) | digit;
  }
  return value;
}
