import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../../envoy/wait.ts";
import { visit, type Visit } from "../../examples/bookinfo/demo/measure.ts";
import { startLoad, type Sample } from "../support/load.ts";
import type { Rig } from "./rig.ts";

/** Both pages, visited over and over, and what reviews v2 in m1c2 receives from m1c1's productpage meanwhile. */
export interface Watch {
  /** Waits until the newest visits to page 1, several in a row, are as wanted. Throws when that takes longer than 40 s. */
  until(wanted: (visit: Visit, ms: number) => boolean): Promise<void>;
  /** Resolves after that many milliseconds, while the visits go on. */
  during(ms: number): Promise<void>;
  /** Ends it. Throws when reviews v2 was stopped meanwhile, for it then forgot what it had counted. */
  stop(): Promise<Watched>;
}

export interface Watched {
  /** Requests for reviews that left m1c1, counted where they arrive. Under strict it has to be 0. */
  crossings: number;
  /** The visits to a page, in the order in which they were sent. */
  page: (page: 1 | 2) => readonly Sample<Visit>[];
}

/** Visits both pages, each 10 times a second. */
export async function watch(rig: Rig): Promise<Watch> {
  const v2 = rig.app("reviews", "m1c2");
  const before = await v2.countFrom("productpage.m1c1");
  const load = startLoad(20, (index) => visit(rig, index % 2 ? 2 : 1));
  return {
    async until(wanted) {
      const since = performance.now();
      const isSo = () => {
        const newest = load.samples
          .filter(({ sentAt, answer }) => sentAt > since && answer?.page !== 2)
          .slice(-5);
        return (
          newest.length === 5 &&
          newest.every(({ answer, sentAt, doneAt }) => answer && wanted(answer, doneAt - sentAt))
        );
      };
      if (await waitUntil(isSo, { timeoutMs: 40_000 })) return;
      const seen = load.samples.slice(-6).map(({ answer, error }) => answer ?? error?.message);
      throw new Error(`page 1 is not as wanted after 40 s; the newest visits: ${JSON.stringify(seen)}`);
    },
    during: (ms) => sleep(ms),
    async stop() {
      const samples = [...(await load.stop())].sort((a, b) => a.sentAt - b.sentAt);
      const crossings = (await v2.countFrom("productpage.m1c1")) - before;
      if (crossings < 0) throw new Error("reviews v2 was restarted while it was to count");
      // Visits alternate, beginning with page 1: one that failed has no answer that says which it was.
      return { crossings, page: (page) => samples.filter((_, index) => index % 2 === page - 1) };
    },
  };
}

export const served = ({ reviews }: Visit) => reviews === "v1";
/** The page says at once that there are no reviews: the sidecar knows that nobody is there to ask. */
export const refused = ({ reviews }: Visit, ms: number) => reviews === "none" && ms < 1000;

/** How many visits had which reviews; `failed` are those without a page. */
export function reviewsOf(samples: readonly Sample<Visit>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { answer } of samples) {
    const key = answer?.status === 200 ? answer.reviews : "failed";
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
