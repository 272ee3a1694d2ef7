import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** Default 5000. */
  timeoutMs?: number;
  /** Default 20. */
  intervalMs?: number;
}

/** Asks until the answer is true; returns whether that was before the time was up. */
export async function waitUntil(
  isTrue: () => boolean | Promise<boolean>,
  { timeoutMs = 5000, intervalMs = 20 }: WaitOptions = {},
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (await isTrue()) return true;
    if (performance.now() > deadline) return false;
    await sleep(intervalMs);
  }
}
