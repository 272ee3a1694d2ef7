import { indexOf, lower } from "./bytes";
import { lit, Literal } from "./literal";

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

/** What a cluster id may be, for messages. */
export const CLUSTER_ID: Literal = lit(
  'a cluster id (printable ASCII without space, ",", ";" or "|", not "*")',
);

/**
 * A cluster id: 1 to 253 bytes of printable ASCII that are safe in a pin, where `,` joins two and `*` is anywhere, and in
 * Istio's cluster names.
 */
export function isClusterId(ptr: usize, size: i32): bool {
  if (!isPrintable(ptr, size, 253) || (size == 1 && load<u8>(ptr) == 0x2a)) return false;
  return indexOf(ptr, size, 0x2c) < 0 && indexOf(ptr, size, 0x3b) < 0 && indexOf(ptr, size, 0x7c) < 0;
}

/** 1 to `longest` bytes of printable ASCII without space. */
export function isPrintable(ptr: usize, size: i32, longest: i32): bool {
  if (size < 1 || size > longest) return false;
  for (let i = 0; i < size; i++) {
    const c = <u32>load<u8>(ptr + i);
    if (c <= 0x20 || c >= 0x7f) return false;
  }
  return true;
}

/** What the name of a header of the filter's own may be, for messages. */
export const OWN_HEADER: Literal = lit('a header name that begins with "x-", in lower case');

/**
 * The name of a header that the filter owns: "x-" and lower-case letters, digits, "-" and "_", 128 bytes at most. The
 * prefix keeps it from taking a header that means something to others.
 */
export function isOwnHeader(ptr: usize, size: i32): bool {
  return size > 2 && load<u16>(ptr) == 0x2d78 && isToken(ptr, size);
}

/** A header name: a lower-case token of at most 128 bytes (RFC 9110, section 5.6.2, without the exotic signs). */
export function isToken(ptr: usize, size: i32): bool {
  for (let i = 0; i < size; i++) if (<u32>load<u8>(ptr + i) - 0x41 < 26) return false;
  return isCookie(ptr, size);
}

/** A cookie name: the same in any case. */
export function isCookie(ptr: usize, size: i32): bool {
  if (size < 1 || size > 128) return false;
  for (let i = 0; i < size; i++) if (!isNameByte(<u32>load<u8>(ptr + i))) return false;
  return true;
}

/** An HTTP method: 1 to 32 upper-case letters or "-". */
export function isMethod(ptr: usize, size: i32): bool {
  if (size < 1 || size > 32) return false;
  for (let i = 0; i < size; i++) {
    const c = <u32>load<u8>(ptr + i);
    if (c - 0x41 >= 26 && c != 0x2d) return false;
  }
  return true;
}

/** The path of a URI: "/" and at most 1023 more printable ASCII characters, without "?", "#" or space. */
export function isPath(ptr: usize, size: i32): bool {
  if (!isPrintable(ptr, size, 1024) || load<u8>(ptr) != 0x2f) return false;
  return indexOf(ptr, size, 0x3f) < 0 && indexOf(ptr, size, 0x23) < 0;
}

/** A caller: `namespace/workload`, each a label, a label's beginning with `*`, or `*`. */
export function isCaller(ptr: usize, size: i32): bool {
  const slash = indexOf(ptr, size, 0x2f);
  return slash > 0 && isStarred(ptr, slash) && isStarred(ptr + slash + 1, size - slash - 1);
}

/** A Kubernetes service by name: `namespace/name`. */
export function isService(ptr: usize, size: i32): bool {
  const slash = indexOf(ptr, size, 0x2f);
  return slash > 0 && isLabel(ptr, slash) && isLabel(ptr + slash + 1, size - slash - 1);
}

/** The name of an Envoy cluster: 1 to 512 printable ASCII characters, no dot first. */
export function isClusterName(ptr: usize, size: i32): bool {
  return isPrintable(ptr, size, 512) && load<u8>(ptr) != 0x2e;
}

function isStarred(ptr: usize, size: i32): bool {
  if (size < 1 || size > 64) return false;
  const starred = load<u8>(ptr + size - 1) == 0x2a;
  const stem = starred ? size - 1 : size;
  if (starred && stem == 0) return true;
  // A stem may end with the "-" that a label may not end with.
  const dash = starred && stem > 1 && load<u8>(ptr + stem - 1) == 0x2d;
  return isLabel(ptr, dash ? stem - 1 : stem);
}
