import { equalsLiteral, indexOf, lower } from "./bytes";
import { Literal, lit, sizeOf, textOf } from "./literal";
import { isHost, MAX_HOST } from "./names";
import { Text } from "./text";

/**
 * The service that a request goes to, as a slice of the text that named it. One instance is filled again for each
 * request, so nothing is allocated.
 *
 * The forms of cluster names are Istio's `direction|port|subset|host` (pilot/pkg/model/push_context.go,
 * BuildSubsetKey), `host:port` and `host`; a host has at least one dot, since a bare word may be any name.
 */
export class Destination {
  host: usize = 0;
  /** 0: no service. */
  hostSize: i32 = 0;
  /** The host was completed from two labels, `name.namespace`, which `example.com` looks like as well. */
  guessed: bool = false;
  /** What such a host was completed from. */
  asWritten: usize = 0;
  asWrittenSize: i32 = 0;

  /** Where a host is put together that the text names only in part. */
  private readonly whole: Text = new Text();

  /** To this host; true, as for all that settles it. */
  set(host: usize, size: i32): bool {
    this.host = host;
    this.hostSize = size;
    this.guessed = false;
    return true;
  }

  /** From the name of the cluster that the route chose. True when that settles it, also to a cluster that is no service. */
  fromCluster(name: usize, size: i32): bool {
    this.set(name, 0);
    if (isPassthrough(name, size)) return true;
    const bar = indexOf(name, size, 0x7c);
    if (bar < 0) return this.fromVirtualHost(name, size);
    let at = bar + 1;
    for (let field = 0; field < 2; field++) {
      const next = indexOf(name + at, size - at, 0x7c);
      if (next < 0) return false;
      at += next + 1;
    }
    // `inbound|port||` leads to the proxy's own workload: that is as local as it gets.
    if (!equalsLiteral(name, bar, lit("outbound"))) return true;
    return isHost(name + at, size - at) && this.set(name + at, size - at);
  }

  /** From the name of the virtual host, which Istio forms as `host:port`. */
  fromVirtualHost(name: usize, size: i32): bool {
    const host = hostIn(name, size);
    return indexOf(name, host, 0x2e) >= 0 && this.set(name, host);
  }

  /**
   * From the `:authority` header, completed as a caller's resolver would: `name` by the caller's namespace, `name.ns`
   * and `name.ns.svc` by the cluster domain.
   */
  fromAuthority(name: usize, size: i32, namespace: ArrayBuffer | null, domain: ArrayBuffer): bool {
    const host = hostIn(name, size);
    if (host == 0) return false;
    let labels = 1;
    for (let i = 0; i < host; i++) if (load<u8>(name + i) == 0x2e) labels++;
    if (labels > 3 || (labels == 3 && !isInSvc(name + host))) return this.set(name, host);
    const whole = this.whole.clear().bytes(name, host);
    if (labels == 1) {
      if (!namespace) return false;
      whole.add(lit(".")).buffer(namespace);
    }
    if (labels < 3) whole.add(DOT_SVC);
    whole.add(lit(".")).buffer(domain);
    if (whole.size > MAX_HOST) return false;
    this.set(whole.ptr, whole.size);
    this.guessed = labels == 2;
    this.asWritten = name;
    this.asWrittenSize = host;
    return true;
  }
}

const DOT_SVC: Literal = lit(".svc");

/** The size of the host in `host[:port]`; a final dot, which makes a name absolute, is left out. 0 where there is none. */
function hostIn(name: usize, size: i32): i32 {
  const colon = indexOf(name, size, 0x3a);
  if (colon >= 0 && !isPort(name + colon + 1, size - colon - 1)) return 0;
  let host = colon < 0 ? size : colon;
  if (host > 1 && load<u8>(name + host - 1) == 0x2e) host--;
  return isHost(name, host) ? host : 0;
}

/** Whether the name that ends here ends with `.svc`. */
function isInSvc(end: usize): bool {
  const at = end - sizeOf(DOT_SVC);
  for (let i = 0; i < sizeOf(DOT_SVC); i++) {
    if (lower(<u32>load<u8>(at + i)) != <u32>load<u8>(textOf(DOT_SVC) + i)) return false;
  }
  return true;
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
