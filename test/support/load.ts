import { setTimeout as sleep } from "node:timers/promises";

/** One request of a load: what came of it. */
export interface Sample<T> {
  /** `performance.now()` when it was sent. */
  sentAt: number;
  /** `performance.now()` when its answer was there. */
  doneAt: number;
  /** The answer; absent when sending failed. */
  answer?: T;
  /** Why sending failed. */
  error?: Error;
}

/** A load that is running. */
export interface Load<T> {
  /** What has come so far, in the order of the answers. */
  readonly samples: readonly Sample<T>[];
  /** Sends no more, and resolves with all samples once each request has an answer. */
  stop(): Promise<readonly Sample<T>[]>;
}

/**
 * Sends `perSecond` requests a second until stopped, each at its own time whether or not earlier ones have been
 * answered; `send` gets the number of the request, from 0. At most 60 s: a forgotten load ends by itself.
 */
export function startLoad<T>(perSecond: number, send: (index: number) => Promise<T>): Load<T> {
  const samples: Sample<T>[] = [];
  const pending = new Set<Promise<void>>();
  const end = new AbortController();
  const sending = (async () => {
    const start = performance.now();
    for (let index = 0; !end.signal.aborted && index < perSecond * 60; index++) {
      const wait = start + (index * 1000) / perSecond - performance.now();
      if (wait > 0) await sleep(wait);
      const request = sample(send, index).then((result) => {
        samples.push(result);
        pending.delete(request);
      });
      pending.add(request);
    }
  })();
  return {
    samples,
    async stop() {
      end.abort();
      await sending;
      await Promise.all(pending);
      return samples;
    },
  };
}

/** Sends `count` requests, `concurrency` at a time (default 8), and resolves with all samples. */
export async function sendMany<T>(
  count: number,
  send: (index: number) => Promise<T>,
  concurrency = 8,
): Promise<Sample<T>[]> {
  const samples: Sample<T>[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) samples.push(await sample(send, next++));
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return samples;
}

async function sample<T>(send: (index: number) => Promise<T>, index: number): Promise<Sample<T>> {
  const sentAt = performance.now();
  try {
    const answer = await send(index);
    return { sentAt, doneAt: performance.now(), answer };
  } catch (error) {
    return { sentAt, doneAt: performance.now(), error: error as Error };
  }
}

/** How often each key occurs: `countBy(samples, (sample) => sample.answer?.status ?? "failed")`. */
export function countBy<T>(items: Iterable<T>, key: (item: T) => string | number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const name = key(item);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
