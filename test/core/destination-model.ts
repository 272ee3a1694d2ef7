/**
 * How a destination is learnt, in the plainest words (assembly/core/service.ts does the same on bytes, in place). Names are
 * strings with a character for each byte.
 */
export type Evidence = "cluster" | "virtualHost" | "authority";

const OPEN = "open - - - known";
const NOTHING = "nothing - - - known";

/** A host: labels of 63 bytes at most, joined by dots, 253 bytes in all. */
function isHost(text: string): boolean {
  return text.length <= 253 && /^[\w-]{1,63}(\.[\w-]{1,63})*$/.test(text);
}

/** The destination as `settled host port subset guessed`, with `-` for what is not known. */
export function destination(
  evidence: Evidence,
  name: string,
  namespace: string | null,
  domain: string,
): string {
  if (evidence === "authority") return byAuthority(name, namespace, domain);
  if (evidence === "virtualHost") return byHostPort(name);
  if (name === "PassthroughCluster" || name === "BlackHoleCluster") return NOTHING;
  const [direction, port, subset, ...rest] = name.split("|");
  if (port === undefined) return byHostPort(name);
  if (rest.length === 0) return OPEN;
  if (direction !== "outbound") return NOTHING;
  const host = rest.join("|");
  return isHost(host) ? settled(host, port, subset) : OPEN;
}

function byHostPort(name: string): string {
  const split = splitPort(name);
  return split?.host.includes(".") ? settled(split.host, split.port) : OPEN;
}

function byAuthority(name: string, namespace: string | null, domain: string): string {
  const split = splitPort(name);
  if (!split) return OPEN;
  const { host, port } = split;
  const labels = host.split(".");
  const whole = (tail: string, evidence?: string) => {
    const full = `${host}.${tail}`;
    return full.length <= 253 ? settled(full, port, "", evidence) : OPEN;
  };
  if (labels.length === 1) return namespace === null ? OPEN : whole(`${namespace}.svc.${domain}`);
  if (labels.length === 2) return whole(`svc.${domain}`, "guessed");
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

function settled(host: string, port?: string, subset?: string, evidence = "known"): string {
  return ["settled", host, port || "-", subset || "-", evidence].join(" ");
}
