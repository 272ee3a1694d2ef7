import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { placeOf } from "../live/evidence.ts";
import { serviceName } from "../live/service-name.ts";
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

/** A line of the access log, as far as it matters here; what is not known is null, or a dash. */
interface Line {
  method?: string | null;
  authority?: string | null;
  status?: number | null;
  flags?: string | null;
  upstream_cluster?: string | null;
  served_by?: string | null;
  rule?: string | null;
  mode?: string | null;
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
  const { id, cluster: home } = identity;
  const known = (text: string | null | undefined) => (text === "-" ? undefined : (text ?? undefined));
  const [servedBy, rule, status] = [known(line.served_by), known(line.rule), line.status ?? 0];
  const where = placeOf({ servedBy, code: status }, home);
  const mode = known(line.mode) ?? ungoverned(line, identity, governor);
  // Without the path: it may be another with each request, and each would be an entry.
  const route = `${line.method ?? "?"} ${line.authority ?? "?"}`;
  const flags = known(line.flags);
  return {
    count: 1,
    what: `${id} → ${route}: ${status || "?"}${flags === undefined ? "" : ` ${flags}`}`,
    ...reasonOf({ mode, rule, where, home, to: servedBy }),
  };
}

/** Why no rule took a request. One that the policy has did not take it, being for other paths, or it came later. */
function ungoverned({ upstream_cluster: cluster }: Line, identity: Identity, governor: Governor): string {
  const { mode } = governor.of(identity, serviceName(cluster ?? "")?.service ?? "");
  return mode === "unfiltered" || mode === "disabled" ? mode : "none";
}
