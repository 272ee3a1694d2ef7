import { indexOf } from "./bytes";
import { lit, Literal } from "./literal";

/**
 * The grammar of the names that people write: DNS labels and host names (RFC 1123 with the underscore that service
 * discovery uses), cluster ids, header names. The zod schemas in src/policy check the same; the parity tests hold
 * both to it.
 */

/** The longest host name (RFC 1035, section 2.3.4). */
export const MAX_HOST: i32 = 253;

/** Kinds of bytes, a bit each. */
const DIGIT: u32 = 1;
const LOWER: u32 = 2;
const UPPER: u32 = 4;
const DASH: u32 = 8;
const UNDERSCORE: u32 = 16;
/** Printable ASCII that is none of the others, without the space. */
const SIGN: u32 = 32;
const LABEL: u32 = DIGIT | LOWER | UPPER | DASH;
const PRINTABLE: u32 = LABEL | UNDERSCORE | SIGN;

function kindOf(c: u32): u32 {
  if (c - 0x61 < 26) return LOWER;
  if (c - 0x30 < 10) return DIGIT;
  if (c - 0x41 < 26) return UPPER;
  if (c == 0x2d) return DASH;
  if (c == 0x5f) return UNDERSCORE;
  return c - 0x21 < 94 ? SIGN : 0;
}

/** 1 to `longest` bytes of these kinds. */
function isOf(kinds: u32, longest: i32, ptr: usize, size: i32): bool {
  if (size < 1 || size > longest) return false;
  for (let i = 0; i < size; i++) if ((kindOf(load<u8>(ptr + i)) & kinds) == 0) return false;
  return true;
}

/** A Kubernetes namespace or service name: a DNS label of 1 to 63 bytes (RFC 1123), in any case. */
export function isLabel(ptr: usize, size: i32): bool {
  return isOf(LABEL, 63, ptr, size) && load<u8>(ptr) != 0x2d && load<u8>(ptr + size - 1) != 0x2d;
}

/** A host name: labels of letters, digits, "-" and "_", joined by single dots. */
export function isHost(ptr: usize, size: i32): bool {
  if (size > MAX_HOST) return false;
  let label = 0;
  for (let i = 0; i < size; i++) {
    const c = <u32>load<u8>(ptr + i);
    if (c == 0x2e) {
      if (label == 0) return false;
      label = 0;
    } else if ((kindOf(c) & (LABEL | UNDERSCORE)) == 0 || ++label > 63) return false;
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
  if (!isOf(PRINTABLE, 253, ptr, size) || isStar(ptr, size)) return false;
  return indexOf(ptr, size, 0x2c) < 0 && indexOf(ptr, size, 0x3b) < 0 && indexOf(ptr, size, 0x7c) < 0;
}

/** Whether the text is `*`. */
export function isStar(ptr: usize, size: i32): bool {
  return size == 1 && load<u8>(ptr) == 0x2a;
}

/**
 * The name of a header that the filter takes off: "x-" and lower-case letters, digits, "-" and "_", 128 bytes at most. The
 * prefix keeps it from taking one that means something to others.
 */
export function isOwnHeader(ptr: usize, size: i32): bool {
  return size > 2 && load<u16>(ptr) == 0x2d78 && isToken(ptr, size);
}

/** A header name: a lower-case token of at most 128 bytes (RFC 9110, section 5.6.2, without the exotic signs). */
export function isToken(ptr: usize, size: i32): bool {
  return isOf(DIGIT | LOWER | DASH | UNDERSCORE, 128, ptr, size);
}

/** A cookie name: the same in any case. */
export function isCookie(ptr: usize, size: i32): bool {
  return isOf(LABEL | UNDERSCORE, 128, ptr, size);
}

/** An HTTP method: 1 to 32 upper-case letters or "-". */
export function isMethod(ptr: usize, size: i32): bool {
  return isOf(UPPER | DASH, 32, ptr, size);
}

/** The path of a URI: "/" and at most 1023 more printable ASCII characters, without "?", "#" or space. */
export function isPath(ptr: usize, size: i32): bool {
  if (!isOf(PRINTABLE, 1024, ptr, size) || load<u8>(ptr) != 0x2f) return false;
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

/**
 * The name of an Envoy cluster: 1 to 512 printable ASCII characters, no dot first (a suffix begins so, see lookup.ts), and no
 * underscore (as `__proto__`, which tools in JavaScript lose).
 */
export function isClusterName(ptr: usize, size: i32): bool {
  return isOf(PRINTABLE, 512, ptr, size) && load<u8>(ptr) != 0x2e && load<u8>(ptr) != 0x5f;
}

function isStarred(ptr: usize, size: i32): bool {
  if (size < 1 || load<u8>(ptr + size - 1) != 0x2a) return isLabel(ptr, size);
  const stem = size - 1;
  if (stem == 0) return true;
  // A stem may end with the "-" that a label may not end with.
  const dash = stem > 1 && load<u8>(ptr + stem - 1) == 0x2d;
  return stem < 64 && isLabel(ptr, dash ? stem - 1 : stem);
}
