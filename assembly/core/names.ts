import { lower } from "./bytes";

/**
 * The grammar of the names that people write: DNS labels and host names (RFC 1123 with the underscore that service
 * discovery uses), cluster ids, header names. The zod schemas in src/policy check the same; the parity tests hold
 * both to it.
 */

/** The longest host name (RFC 1035, section 2.3.4). */
export const MAX_HOST: i32 = 253;

// @ts-ignore: decorator
@inline
function isNameByte(c: u32): bool {
  c = lower(c);
  return c - 0x61 < 26 || c - 0x30 < 10 || c == 0x2d || c == 0x5f;
}

/** A Kubernetes namespace or service name: a DNS label of 1 to 63 bytes (RFC 1123), in any case. */
export function isLabel(ptr: usize, size: i32): bool {
  if (size < 1 || size > 63) return false;
  for (let i = 0; i < size; i++) {
    const c = <u32>load<u8>(ptr + i);
    if (!isNameByte(c) || c == 0x5f) return false;
  }
  return load<u8>(ptr) != 0x2d && load<u8>(ptr + size - 1) != 0x2d;
}

/** A host name: labels of letters, digits, "-" and "_", joined by single dots. */
export function isHost(ptr: usize, size: i32): bool {
  if (size < 1 || size > MAX_HOST) return false;
  let label = 0;
  for (let i = 0; i < size; i++) {
    const c = <u32>load<u8>(ptr + i);
    if (c == 0x2e) {
      if (label == 0) return false;
      label = 0;
    } else if (!isNameByte(c) || ++label > 63) return false;
  }
  return label > 0;
}

/** A cluster id: 1 to 253 bytes of printable ASCII that are safe in a header and in Istio's cluster names. */
export function isClusterId(ptr: usize, size: i32): bool {
  if (size < 1 || size > 253) return false;
  for (let i = 0; i < size; i++) {
    const c = <u32>load<u8>(ptr + i);
    if (c <= 0x20 || c >= 0x7f || c == 0x2c || c == 0x3b || c == 0x7c) return false;
  }
  return true;
}

/**
 * The name of a header that the filter owns: "x-" and lower-case letters, digits, "-" and "_", 128 bytes at most. The
 * prefix keeps it from taking a header that means something to others.
 */
export function isOwnHeader(ptr: usize, size: i32): bool {
  if (size < 3 || size > 128 || load<u8>(ptr) != 0x78 || load<u8>(ptr + 1) != 0x2d) return false;
  for (let i = 2; i < size; i++) {
    const c = <u32>load<u8>(ptr + i);
    if (!isNameByte(c) || c - 0x41 < 26) return false;
  }
  return true;
}
