import { MAX_HOST } from "./names.ts";
import { hostsOf } from "./pattern.ts";

/** How the filter learns where a request goes (assembly/core/service.ts), for the tools, which ask without a proxy. */

/** What told it: the route's Envoy cluster, the virtual host, or the authority. */
export type Evidence = "cluster" | "virtual host" | "authority";

export interface Destination {
  /** As written there, completed where it was short; undefined for what is no service at all. */
  host: string | undefined;
  port: string | undefined;
  subset: string | undefined;
  /** The host was completed from two labels, `name.namespace`, which `example.com` looks like as well. */
  guessed: boolean;
}

/** What the proxy knows of a request before the filter sees it. */
export interface DestinationFacts {
  envoyCluster?: string | undefined;
  virtualHost?: string | undefined;
  authority?: string | undefined;
}

/** What the filter knows: its configuration's fields, and the caller's namespace. */
export interface DestinationContext {
  clusterDomain?: string | undefined;
  names?: Record<string, string> | undefined;
  namespace?: string | undefined;
}

/** The destination by the strongest evidence that settles it, and which that was; the last where none does. */
export function destinationOf(
  { envoyCluster, virtualHost, authority }: DestinationFacts,
  { clusterDomain = "cluster.local", names = {}, namespace }: DestinationContext,
): Destination & { evidence: Evidence } {
  if (envoyCluster !== undefined) {
    const found = byNames(envoyCluster, names, clusterDomain) ?? byCluster(envoyCluster);
    if (found) return { ...found, evidence: "cluster" };
  }
  const byHost = virtualHost === undefined ? undefined : byVirtualHost(virtualHost);
  if (byHost) return { ...byHost, evidence: "virtual host" };
  const last = authority === undefined ? undefined : byAuthority(authority, namespace, clusterDomain);
  return { ...(last ?? NOTHING), evidence: "authority" };
}

/** From the configuration's own `names`, which compare without case. */
function byNames(name: string, names: Record<string, string>, domain: string): Destination | undefined {
  const found = Object.entries(names).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  if (found === undefined) return undefined;
  return settled(hostsOf({ kind: found.includes("/") ? "services" : "hosts", text: found }, domain));
}

const NOTHING: Destination = { host: undefined, port: undefined, subset: undefined, guessed: false };

/** A host: labels of 63 bytes at most, joined by dots, 253 bytes in all. */
function isHost(text: string): boolean {
  return text.length <= MAX_HOST && /^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(text);
}

/** From the name of the Envoy cluster that the route chose; undefined where that does not settle it. */
export function byCluster(name: string): Destination | undefined {
  if (name === "PassthroughCluster" || name === "BlackHoleCluster") return NOTHING;
  const [direction, port, subset, ...rest] = name.split("|");
  if (port === undefined) return byVirtualHost(name);
  if (rest.length === 0) return undefined;
  if (direction !== "outbound") return NOTHING;
  const host = rest.join("|");
  return isHost(host) ? settled(host, port, subset) : undefined;
}

/** From the name of the virtual host, `host:port` or `host`. */
export function byVirtualHost(name: string): Destination | undefined {
  const split = splitPort(name);
  return split?.host.includes(".") ? settled(split.host, split.port) : undefined;
}

/** From the authority, completed by the caller's namespace and the cluster domain, as far as each is missing. */
export function byAuthority(
  name: string,
  namespace: string | undefined,
  domain: string,
): Destination | undefined {
  const split = splitPort(name);
  if (!split) return undefined;
  const { host, port } = split;
  const whole = (tail: string, guessed = false) => {
    const full = `${host}.${tail}`;
    return full.length <= MAX_HOST ? { ...settled(full, port), guessed } : undefined;
  };
  const labels = host.split(".");
  if (labels.length === 1) return namespace === undefined ? undefined : whole(`${namespace}.svc.${domain}`);
  if (labels.length === 2) return whole(`svc.${domain}`, true);
  if (labels.length === 3 && labels[2]!.toLowerCase() === "svc") return whole(domain);
  return settled(host, port);
}

/** Splits `host[:port]`, the host's final dot left out. */
function splitPort(name: string): { host: string; port: string } | undefined {
  const [written, ...ports] = name.split(":");
  const host = written!.replace(/(?<=.)\.$/s, "");
  const port = ports.join(":");
  if (!isHost(host) || (ports.length > 0 && !/^\d{1,5}$/.test(port))) return undefined;
  return { host, port };
}

function settled(host: string, port = "", subset = ""): Destination {
  return { host, port: port || undefined, subset: subset || undefined, guessed: false };
}
