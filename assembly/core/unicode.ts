/** UTF-8 (RFC 3629) by hand, for a reader that copies nothing. */

/** Writes the code point at `to`; where the next one goes. */
export function writeUtf8(to: usize, point: i32): usize {
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

/** The width of the UTF-8 sequence at `at` (RFC 3629: no overlong forms, no surrogates), or 0. */
export function utf8Width(at: usize, end: usize): usize {
  const c = <u32>load<u8>(at);
  const width: usize = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
  if (width == 0 || at + width > end) return 0;
  for (let i: usize = 1; i < width; i++) {
    if ((load<u8>(at + i) & 0xc0) != 0x80) return 0;
  }
  const second = <u32>load<u8>(at + 1);
  if (c == 0xe0 && second < 0xa0) return 0;
  if (c == 0xed && second > 0x9f) return 0;
  if (c == 0xf0 && second < 0x90) return 0;
  if (c == 0xf4 && second > 0x8f) return 0;
  return width;
}
