import { indexOf, lower } from "./bytes";
import { PatternKind } from "./config";
import { Literal, lit, sizeOf, textOf } from "./literal";
import { isHost, isLabel, isService } from "./names";

/** What a pattern may be, when this one is not; the empty string for a good one. */
export function patternProblem(kind: PatternKind, ptr: usize, size: i32): Literal {
  if (size == 1 && load<u8>(ptr) == 0x2a) return 0;
  if (kind == PatternKind.Service) {
    const every = size > 2 && load<u8>(ptr + size - 1) == 0x2a && load<u8>(ptr + size - 2) == 0x2f;
    const good = every ? isLabel(ptr, size - 2) : isService(ptr, size);
    return good ? 0 : lit('"namespace/name", "namespace/*" or "*"');
  }
  const wildcard = size > 2 && load<u8>(ptr) == 0x2a && load<u8>(ptr + 1) == 0x2e;
  return (wildcard ? isHost(ptr + 2, size - 2) : isHost(ptr, size))
    ? 0
    : lit('a host name, "*.suffix" or "*"');
}

/**
 * The longest that a pattern gets by `writeHost`: what is written, and the cluster domain with ".svc." around it.
 */
export function hostBound(size: i32, domainSize: i32): i32 {
  return size + domainSize + 6;
}

/**
 * Writes the host that a pattern stands for, in lower case: `name.namespace.svc.<domain>` for an exact one,
 * `.namespace.svc.<domain>` (with its dot, the part that every match ends with) for a wildcard, nothing for a host `*`.
 * Returns its size.
 */
export function writeHost(to: usize, kind: PatternKind, ptr: usize, size: i32, domain: ArrayBuffer): i32 {
  const start = to;
  if (kind == PatternKind.Host) {
    const wildcard = load<u8>(ptr) == 0x2a;
    return <i32>(writeLower(to, wildcard ? ptr + 1 : ptr, wildcard ? size - 1 : size) - start);
  }
  if (size > 1) {
    const slash = indexOf(ptr, size, 0x2f);
    if (load<u8>(ptr + slash + 1) != 0x2a) to = writeLower(to, ptr + slash + 1, size - slash - 1);
    to = writeByte(to, 0x2e);
    to = writeLower(to, ptr, slash);
  }
  to = writeLower(to, textOf(DOT_SVC_DOT), sizeOf(DOT_SVC_DOT));
  return <i32>(writeLower(to, changetype<usize>(domain), domain.byteLength) - start);
}

const DOT_SVC_DOT: Literal = lit(".svc.");

function writeByte(to: usize, byte: u8): usize {
  store<u8>(to, byte);
  return to + 1;
}

/** Writes a text in lower case; where the next one goes. */
export function writeLower(to: usize, ptr: usize, size: i32): usize {
  for (let i = 0; i < size; i++) {
    store<u8>(to + i, <u8>lower(<u32>load<u8>(ptr + i)));
  }
  return to + size;
}
