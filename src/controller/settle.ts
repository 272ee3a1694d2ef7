import { setTimeout as sleep } from "node:timers/promises";
import { fieldsOf, itemsOf, textOf } from "../input/loose.ts";

/** Waits until proxies have what was applied. */
export interface Settling {
  /** Before the change. */
  mark: (signal: AbortSignal) => Promise<unknown>;
  /** After it; at once when the signal says so. */
  wait: (mark: unknown, signal: AbortSignal) => Promise<void>;
}

const pauseFor = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined);

/** By time alone: istiod waits 100 ms for more changes, then pushes; a large mesh takes longer than a small one. */
export function byTime(ms: number): Settling {
  return { mark: () => Promise.resolve(undefined), wait: (_, signal) => pauseFor(ms, signal) };
}

/** A proxy tells that it has clusters before it has their endpoints, and istiod sends routes last: quiet for so long, all are there. */
const QUIET_MS = 200;

/**
 * By what istiod's /debug/syncz says: every proxy that was there before got new clusters, and took them and whatever else istiod
 * sent it, endpoints and routes included. No longer than `ms`, for a proxy that the change does not concern gets nothing.
 */
export function bySyncz(istiod: string, ms: number): Settling {
  return {
    mark: (signal) => look(istiod, signal),
    wait: async (mark, signal) => {
      const before = mark as Proxies | undefined;
      const until = performance.now() + ms;
      for (let since = Infinity; !signal.aborted && performance.now() < until;) {
        await pauseFor(50, signal);
        const now = before && (await look(istiod, signal));
        const done =
          now && [...now].every(([id, one]) => one.tookAll && one.clusters !== before.get(id)?.clusters);
        since = done ? Math.min(since, performance.now()) : Infinity;
        if (performance.now() - since >= QUIET_MS) return;
      }
    },
  };
}

/** What a proxy was sent last of clusters, and whether it has acknowledged all that it was sent. */
interface Sync {
  clusters: string | undefined;
  tookAll: boolean;
}
type Proxies = Map<string, Sync>;

const KINDS = ["cluster", "endpoint", "listener", "route"];

async function look(istiod: string, signal: AbortSignal): Promise<Proxies | undefined> {
  try {
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(1000)]);
    const answer = await fetch(new URL("/debug/syncz", istiod), { signal: timeout });
    const proxies = itemsOf(await answer.json()).map(fieldsOf);
    return new Map(
      proxies.map((one) => [
        String(one.proxy),
        {
          clusters: textOf(one.cluster_sent),
          tookAll: KINDS.every((kind) => one[`${kind}_sent`] === one[`${kind}_acked`]),
        },
      ]),
    );
  } catch {
    return undefined;
  }
}
