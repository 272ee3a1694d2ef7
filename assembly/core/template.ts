import { equals } from "./bytes";
import { lit, Literal, sizeOf, textOf } from "./literal";
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

/** The longest name that is written, in bytes; a longer one is cut, and so is the name of no cluster. */
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
 * Writes the name of the Envoy cluster that holds the endpoints of a destination in one of the mesh's clusters, and returns
 * its size, `MAX_TARGET` at most. Where the route already chose a version's subset, `{localCluster}` stands for that
 * subset's part in the cluster. A port that nothing names is HTTP's own.
 */
export function writeTarget(
  to: usize,
  template: ArrayBuffer,
  subsetTemplate: ArrayBuffer,
  destination: Destination,
  cluster: ArrayBuffer,
): i32 {
  const inner = destination.subsetSize > 0 ? subsetTemplate : null;
  return <i32>(expand(to, to + MAX_TARGET, template, inner, destination, cluster) - to);
}

/** Writes a template between `to` and `end`; where it ends. `inner` takes the place of `{localCluster}`, if there is one. */
function expand(
  to: usize,
  end: usize,
  template: ArrayBuffer,
  inner: ArrayBuffer | null,
  destination: Destination,
  cluster: ArrayBuffer,
): usize {
  const ptr = changetype<usize>(template);
  const size = template.byteLength;
  for (let i = 0; i < size;) {
    const part = load<u8>(ptr + i) == 0x7b ? placeholderAt(ptr + i, size - i) : -1;
    if (part < 0) {
      to = put(to, end, ptr + i++, 1);
      continue;
    }
    i += sizeOf(PLACEHOLDERS[part]);
    if (part == Part.Host) to = put(to, end, destination.host, destination.hostSize);
    else if (part == Part.Subset) to = put(to, end, destination.subset, destination.subsetSize);
    else if (part == Part.Port) {
      const known = destination.portSize > 0;
      to = put(
        to,
        end,
        known ? destination.port : textOf(HTTP_PORT),
        known ? destination.portSize : sizeOf(HTTP_PORT),
      );
    } else if (inner) to = expand(to, end, inner, null, destination, cluster);
    else to = put(to, end, changetype<usize>(cluster), cluster.byteLength);
  }
  return to;
}

const HTTP_PORT: Literal = lit("80");

function put(to: usize, end: usize, ptr: usize, size: i32): usize {
  const fitting = min(<usize>size, end - to);
  memory.copy(to, ptr, fitting);
  return to + fitting;
}

function placeholderAt(ptr: usize, size: i32): i32 {
  for (let p = 0; p < PLACEHOLDERS.length; p++) {
    const name = unchecked(PLACEHOLDERS[p]);
    if (equals(ptr, min(size, sizeOf(name)), textOf(name), sizeOf(name))) return p;
  }
  return -1;
}
