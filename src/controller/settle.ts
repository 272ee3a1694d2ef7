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

/**
 * By what istiod's /debug/syncz says: every proxy that was there before got new clusters and took them. No longer than `ms`, for a
 * proxy that the change does not concern gets nothing.
 */
export function bySyncz(istiod: string, ms: number): Settling {
  return {
    mark: (signal) => look(istiod, signal),
    wait: async (mark, signal) => {
      const before = mark as Proxies | undefined;
      const until = performance.now() + ms;
      while (!signal.aborted && performance.now() < until) {
        await pauseFor(50, signal);
        const now = before && (await look(istiod, signal));
        if (now && [...now].every(([id, one]) => isDone(one, before.get(id)))) return;
      }
    },
  };
}

interface Sync {
  sent: string | undefined;
  acked: string | undefined;
}
type Proxies = Map<string, Sync>;

function isDone(now: Sync, before: Sync | undefined): boolean {
  return now.sent === now.acked && now.sent !== before?.sent;
}

async function look(istiod: string, signal: AbortSignal): Promise<Proxies | undefined> {
  try {
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(1000)]);
    const answer = await fetch(new URL("/debug/syncz", istiod), { signal: timeout });
    const proxies = itemsOf(await answer.json()).map(fieldsOf);
    return new Map(
      proxies.map(({ proxy, cluster_sent, cluster_acked }) => [
        String(proxy),
        { sent: textOf(cluster_sent), acked: textOf(cluster_acked) },
      ]),
    );
  } catch {
    return undefined;
  }
}
