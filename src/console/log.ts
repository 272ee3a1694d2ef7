import type { LogEntry } from "./view.ts";

/** What is told of requests that were all decided alike. */
export interface Told extends Pick<LogEntry, "kind" | "what" | "reason"> {
  count: number;
  arrow?: string | undefined;
}

/** A decision that is not made again for so long has ended; the next is an entry of its own. In milliseconds. */
const PAUSE = 10_000;
/** So many entries are kept. */
const KEPT = 200;

/**
 * The log of decisions. Requests come by the hundred: those that were decided alike share one entry, which counts them,
 * from the first to the last.
 */
export class DecisionLog {
  #entries: LogEntry[] = [];
  #next = 1;
  readonly #running = new Map<string, LogEntry>();

  /** The newest entries, the oldest first. */
  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Notes what was decided up to now; returns the entries that are new or have changed. */
  note(told: readonly Told[], now: number): LogEntry[] {
    const changed = new Set<LogEntry>();
    for (const one of told) {
      const key = JSON.stringify([one.kind, one.what, one.reason]);
      let entry = this.#running.get(key);
      if (!entry || now - entry.until > PAUSE) {
        entry = this.#add({ ...one, count: 0, since: now, until: now });
        this.#running.set(key, entry);
      }
      entry.count += one.count;
      entry.until = now;
      changed.add(entry);
    }
    return [...changed].map((entry) => ({ ...entry }));
  }

  /** Notes something that happened once. */
  tell(kind: "switch" | "live" | "refused", what: string, reason: string, now: number): LogEntry {
    return this.#add({ kind, what, reason, count: 1, since: now, until: now });
  }

  #add({ arrow, ...entry }: Told & Pick<LogEntry, "since" | "until">): LogEntry {
    const added: LogEntry = { id: this.#next++, ...entry, ...(arrow !== undefined && { arrow }) };
    this.#entries.push(added);
    for (const gone of this.#entries.splice(0, this.#entries.length - KEPT)) {
      for (const [key, entry] of this.#running) if (entry === gone) this.#running.delete(key);
    }
    return added;
  }
}
