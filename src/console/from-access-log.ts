import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Governor } from "./governed.ts";
import type { Told } from "./log.ts";
import { reasonOf } from "./reasons.ts";
import type { Identity } from "./topology.ts";

/** At most so much of a log is read at a time, in bytes: of more, only the end. */
const WINDOW = 256 * 1024;

/** Reads what is added to an access log of ours (targets/envoy/access-log.ts), from its end when this was made. */
export class AccessLog {
  readonly #file: string;
  #at: number | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#at = this.#size();
  }

  /** The lines since the last call. Undefined when the file cannot be read: then the counters have to do. */
  lines(): string[] | undefined {
    let fd: number;
    try {
      fd = openSync(this.#file, "r");
    } catch {
      return undefined;
    }
    try {
      const { size } = fstatSync(fd);
      // A log that was rotated is shorter than what was read of it.
      const from = Math.max(this.#at !== undefined && this.#at <= size ? this.#at : 0, size - WINDOW);
      const buffer = Buffer.alloc(size - from);
      readSync(fd, buffer, 0, buffer.length, from);
      const end = buffer.lastIndexOf(10) + 1;
      this.#at = from + end;
      return buffer
        .toString("utf8", 0, end)
        .split("\n")
        .filter((line) => line !== "");
    } finally {
      closeSync(fd);
    }
  }

  #size(): number | undefined {
    try {
      const fd = openSync(this.#file, "r");
      try {
        return fstatSync(fd).size;
      } finally {
        closeSync(fd);
      }
    } catch {
      return undefined;
    }
  }
}

/** A line of the access log, as far as it matters here. */
interface Line {
  method?: string | null;
  authority?: string | null;
  status?: number | null;
  flags?: string | null;
  upstream_cluster?: string | null;
  served_by?: string | null;
  cluster_local?: string | null;
}

/** What a proxy decided, from the lines of its access log. */
export function fromAccessLog(lines: readonly string[], identity: Identity, governor: Governor): Told[] {
  const told = new Map<string, Told>();
  for (const text of lines) {
    const line = parseLine(text);
    if (!line) continue;
    const one = toldBy(line, identity, governor);
    const key = JSON.stringify([one.kind, one.what, one.reason]);
    const known = told.get(key);
    if (known) known.count++;
    else told.set(key, one);
  }
  return [...told.values()];
}

function parseLine(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as unknown;
    return typeof line === "object" && line !== null && !Array.isArray(line) ? line : undefined;
  } catch {
    return undefined;
  }
}

function toldBy(line: Line, identity: Identity, governor: Governor): Told {
  const { method, authority, status, flags, served_by: servedBy } = line;
  const { id, cluster: home } = identity;
  const { mode, rule, where } = stateOf(line, identity, governor);
  const { kind, reason } = reasonOf({ mode, rule, where, home, to: servedBy ?? undefined });
  // Without the path: it may be another with each request, and each would be an entry.
  const route = `${method ?? "?"} ${authority ?? "?"}`;
  const answer = `${status ?? "?"}${flags && flags !== "-" ? ` ${flags}` : ""}`;
  return { kind, count: 1, what: `${id} → ${route}: ${answer}`, reason };
}

function stateOf(
  { cluster_local: state, served_by: servedBy, upstream_cluster: cluster }: Line,
  identity: Identity,
  governor: Governor,
) {
  const place =
    servedBy === undefined || servedBy === null ? "none" : servedBy === identity.cluster ? "local" : "remote";
  const told = /^mode=(?<mode>\w+);rule=(?<rule>[^;]*);where=(?<where>\w+)/.exec(state ?? "")?.groups;
  if (told) return { mode: told.mode!, rule: told.rule, where: told.where! };
  const { mode } = governor.of(identity, serviceIn(cluster));
  // A rule that the line does not name did not take this request: of another path, or it came later.
  return {
    mode: mode === "unfiltered" || mode === "disabled" ? mode : "none",
    rule: undefined,
    where: place,
  };
}

/** `default/reviews` from `reviews.default.svc.cluster.local:9080`. */
function serviceIn(cluster: string | null | undefined): string {
  const [name, namespace] = (cluster ?? "").split(".");
  return namespace === undefined ? (name ?? "") : `${namespace}/${name ?? ""}`;
}
