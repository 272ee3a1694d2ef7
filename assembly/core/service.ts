import { equalsLiteral, indexOf, lower } from "./bytes";
import { Literal, lit, sizeOf, textOf } from "./literal";
import { isHost, MAX_HOST } from "./names";

/** How the destination was learnt; later in the list, weaker the evidence. */
export enum Source {
  None,
  Cluster,
  VirtualHost,
  Authority,
}

/**
 * The service that a request goes to, as slices of the text that named it. One instance is filled again for each
 * request, so nothing is allocated.
 *
 * The forms of cluster names are Istio's `direction|port|subset|host` (pilot/pkg/model/push_context.go,
 * BuildSubsetKey), `host:port` and `host`; a host has at least one dot, since a bare word may be any name.
 */
export class Destination {
  host: usize = 0;
  hostSize: i32 = 0;
  port: usize = 0;
  portSize: i32 = 0;
  subset: usize = 0;
  subsetSize: i32 = 0;
  source: Source = Source.None;
  /** The host was completed from two labels, `name.namespace`, which `example.com` looks like as well. */
  guessed: bool = false;
  /** What such a host was completed from. */
  asWritten: usize = 0;
  asWrittenSize: i32 = 0;

  /** Where a host is put together that the text names only in part. */
  private readonly scratch: StaticArray<u8> = new StaticArray<u8>(MAX_HOST + 1);

  clear(): void {
    this.hostSize = 0;
    this.portSize = 0;
    this.subsetSize = 0;
    this.source = Source.None;
    this.guessed = false;
  }

  /** From the configuration's own `names`. */
  set(host: usize, size: i32): void {
    this.host = host;
    this.hostSize = size;
    this.source = Source.Cluster;
  }

  /**
   * From the name of the cluster that the route chose. True when that settles it: `source` is then `Cluster`, or `None`
   * for a cluster that is known to be no service of the mesh.
   */
  fromCluster(name: usize, size: i32): bool {
    if (isPassthrough(name, size)) return true;
    const bar = indexOf(name, size, 0x7c);
    if (bar < 0) return this.fromHostPort(name, size, Source.Cluster);
    const portAt = bar + 1;
    const bar2 = indexOf(name + portAt, size - portAt, 0x7c);
    if (bar2 < 0) return false;
    const subsetAt = portAt + bar2 + 1;
    const bar3 = indexOf(name + subsetAt, size - subsetAt, 0x7c);
    if (bar3 < 0) return false;
    const hostAt = subsetAt + bar3 + 1;
    // `inbound|port||` leads to the proxy's own workload: that is as local as it gets.
    if (!equalsLiteral(name, bar, lit("outbound"))) return true;
    if (!isHost(name + hostAt, size - hostAt)) return false;
    this.host = name + hostAt;
    this.hostSize = size - hostAt;
    this.port = name + portAt;
    this.portSize = bar2;
    this.subset = name + subsetAt;
    this.subsetSize = bar3;
    this.source = Source.Cluster;
    return true;
  }

  /** From the name of the virtual host, which Istio forms as `host:port`. */
  fromVirtualHost(name: usize, size: i32): bool {
    return this.fromHostPort(name, size, Source.VirtualHost);
  }

  /**
   * From the `:authority` header, completed as a caller's resolver would: `name` by the caller's namespace, `name.ns`
   * and `name.ns.svc` by the cluster domain.
   */
  fromAuthority(name: usize, size: i32, namespace: ArrayBuffer | null, domain: ArrayBuffer): bool {
    if (!this.split(name, size)) return false;
    let labels = 1;
    for (let i = 0; i < this.hostSize; i++) if (load<u8>(this.host + i) == 0x2e) labels++;
    if (labels == 1) {
      if (!namespace) return this.nothing();
      return this.complete(namespace, true, domain);
    }
    if (labels == 2) {
      this.guessed = true;
      this.asWritten = this.host;
      this.asWrittenSize = this.hostSize;
      return this.complete(null, true, domain);
    }
    if (labels == 3 && this.endsWith(textOf(DOT_SVC), sizeOf(DOT_SVC))) {
      return this.complete(null, false, domain);
    }
    this.source = Source.Authority;
    return true;
  }

  private fromHostPort(name: usize, size: i32, source: Source): bool {
    if (!this.split(name, size) || indexOf(this.host, this.hostSize, 0x2e) < 0) return this.nothing();
    this.source = source;
    return true;
  }

  /** Splits `host[:port]`; a final dot, which makes a name absolute, is left out. */
  private split(name: usize, size: i32): bool {
    const colon = indexOf(name, size, 0x3a);
    let hostSize = colon < 0 ? size : colon;
    if (hostSize > 1 && load<u8>(name + hostSize - 1) == 0x2e) hostSize--;
    if (!isHost(name, hostSize)) return false;
    if (colon >= 0 && !isPort(name + colon + 1, size - colon - 1)) return false;
    this.host = name;
    this.hostSize = hostSize;
    this.port = name + colon + 1;
    this.portSize = colon < 0 ? 0 : size - colon - 1;
    return true;
  }

  /** Completes the host by a namespace, `svc` and the cluster domain, as far as each is missing. */
  private complete(namespace: ArrayBuffer | null, svc: bool, domain: ArrayBuffer): bool {
    let size = this.hostSize;
    const to = changetype<usize>(this.scratch);
    memory.copy(to, this.host, size);
    if (namespace) size = append(to, size, changetype<usize>(namespace), namespace.byteLength);
    if (svc) size = append(to, size, textOf(DOT_SVC) + 1, sizeOf(DOT_SVC) - 1);
    size = append(to, size, changetype<usize>(domain), domain.byteLength);
    if (size > MAX_HOST) return this.nothing();
    this.host = to;
    this.hostSize = size;
    this.source = Source.Authority;
    return true;
  }

  private endsWith(tail: usize, size: i32): bool {
    const at = this.host + this.hostSize - size;
    for (let i = 0; i < size; i++) if (lower(<u32>load<u8>(at + i)) != <u32>load<u8>(tail + i)) return false;
    return true;
  }

  private nothing(): bool {
    this.clear();
    return false;
  }
}

const DOT_SVC: Literal = lit(".svc");

/** Appends a dot and a part; past the longest host only the size goes on growing. */
function append(to: usize, size: i32, part: usize, partSize: i32): i32 {
  const grown = size + 1 + partSize;
  if (grown > MAX_HOST) return grown;
  store<u8>(to + size, 0x2e);
  memory.copy(to + size + 1, part, partSize);
  return grown;
}

/** Istio's clusters for what is not in the registry (pilot/pkg/networking/util/util.go). */
function isPassthrough(name: usize, size: i32): bool {
  return (
    equalsLiteral(name, size, lit("PassthroughCluster")) || equalsLiteral(name, size, lit("BlackHoleCluster"))
  );
}

function isPort(ptr: usize, size: i32): bool {
  if (size < 1 || size > 5) return false;
  for (let i = 0; i < size; i++) if (<u32>load<u8>(ptr + i) - 0x30 > 9) return false;
  return true;
}
