import { SocketAddress } from "node:net";

/**
 * One spelling for each host: two texts name the same host exactly when this is the same for both. IPv6 addresses become
 * those of RFC 5952, IPv4-mapped ones (`::ffff:127.0.0.1`) IPv4, hexadecimal and octal IPv4 (`0x7f.1`) decimal (WHATWG URL,
 * host parsing); names are in lower case, without the dot of the root. For comparing, never for showing or connecting.
 */
export function canonicalHost(host: string): string {
  const bare = host
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase()
    .replace(/(?<=.)\.$/, "");
  if (bare.includes(":")) return canonicalIpv6(bare);
  // Only what ends in a number may be an IPv4 address; the parser of URLs would also decode and shorten names.
  if (!/(?:^|\.)(?:\d+|0x[\da-f]*)$/.test(bare) || !URL.canParse(`http://${bare}`)) return bare;
  return new URL(`http://${bare}`).hostname;
}

/** The same of `host:port`; what has no port is taken for a host. */
export function canonicalAddress(address: string): string {
  const [, host = "", port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(address) ?? [];
  return port === undefined ? canonicalHost(address) : addressOf(canonicalHost(host), Number(port));
}

/** `host:port`, with the brackets that an IPv6 address needs. */
export function addressOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function canonicalIpv6(text: string): string {
  try {
    const [plain = text, ...zone] = text.split(/(?=%)/);
    const { address } = new SocketAddress({ family: "ipv6", address: plain });
    return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? [address, ...zone].join("");
  } catch {
    return text;
  }
}
