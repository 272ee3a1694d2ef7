import { equals } from "./bytes";
import { Literal, lit, sizeOf, textOf } from "./literal";
import { Destination } from "./service";

/** The parts that a template may name. */
const PLACEHOLDERS: StaticArray<Literal> = [
  lit("{port}"),
  lit("{localCluster}"),
  lit("{host}"),
  lit("{subset}"),
];
enum Part {
  Port,
  LocalCluster,
  Host,
  Subset,
}

/** Cluster names have no length limit of Envoy's own; this one is Istio's longest with room to spare. */
export const MAX_TARGET: i32 = 1024;

/** What is wrong with a template; the empty string for a good one. */
export function templateProblem(template: ArrayBuffer, subset: bool): Literal {
  const ptr = changetype<usize>(template);
  for (let i = 0; i < template.byteLength; i++) {
    if (load<u8>(ptr + i) != 0x7b) continue;
    const part = placeholderAt(ptr + i, template.byteLength - i);
    if (part < 0 || (part != Part.LocalCluster && (part == Part.Subset) != subset)) {
      return subset ? lit("{subset} and {localCluster}") : lit("{port}, {localCluster} and {host}");
    }
  }
  return 0;
}

/**
 * Writes the name of the Envoy cluster that holds the local endpoints of a destination, and returns its size. Where the
 * route already chose a version's subset, `{localCluster}` stands for that subset's local part. A port that nothing names
 * is HTTP's own.
 */
export function writeTarget(
  to: usize,
  template: ArrayBuffer,
  subsetTemplate: ArrayBuffer,
  destination: Destination,
  localCluster: ArrayBuffer,
): i32 {
  const start = to;
  const ptr = changetype<usize>(template);
  const size = template.byteLength;
  for (let i = 0; i < size;) {
    const part = load<u8>(ptr + i) == 0x7b ? placeholderAt(ptr + i, size - i) : -1;
    if (part < 0) {
      store<u8>(to++, load<u8>(ptr + i++));
      continue;
    }
    i += sizeOf(PLACEHOLDERS[part]);
    if (part == Part.Host) to = put(to, destination.host, destination.hostSize);
    else if (part == Part.Subset) to = put(to, destination.subset, destination.subsetSize);
    else if (part == Part.Port) {
      if (destination.portSize > 0) to = put(to, destination.port, destination.portSize);
      else {
        store<u16>(to, 0x3038);
        to += 2;
      }
    } else if (destination.subsetSize > 0 && template != subsetTemplate) {
      to += writeTarget(to, subsetTemplate, subsetTemplate, destination, localCluster);
    } else to = put(to, changetype<usize>(localCluster), localCluster.byteLength);
  }
  return <i32>(to - start);
}

function put(to: usize, ptr: usize, size: i32): usize {
  memory.copy(to, ptr, size);
  return to + size;
}

function placeholderAt(ptr: usize, size: i32): i32 {
  for (let p = 0; p < PLACEHOLDERS.length; p++) {
    const name = unchecked(PLACEHOLDERS[p]);
    if (equals(ptr, min(size, sizeOf(name)), textOf(name), sizeOf(name))) return p;
  }
  return -1;
}
