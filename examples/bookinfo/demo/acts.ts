import { waitUntil } from "../../../envoy/wait.ts";
import type { Bookinfo } from "./bookinfo.ts";
import { flip, type Flip } from "./flip.ts";
import { measure, receivedByDetails, type Tally } from "./measure.ts";
import { flipLine, heading, held, print, seconds, table } from "./output.ts";

/** The demo said something that the counters do not show. */
export class FalseClaim extends Error {
  override name = "FalseClaim";
}

/** Prints the claim when it holds, and ends the demo when it does not. */
function claim(holds: boolean, text: string): void {
  if (!holds) throw new FalseClaim(`This is not what was counted: ${text}`);
  held(text);
}

const isMixed = ({ visits, v1, v2 }: Tally) => v1 > 0 && v2 > 0 && v1 + v2 === visits;
const isServed = ({ visits, ok, unavailable }: Tally) => ok === visits && unavailable === 0;

function claimSmooth(flipped: Flip): void {
  claim(
    flipped.failed === 0 && flipped.unavailableAfter === 0,
    "no page failed, and none lacked reviews afterwards",
  );
  claim(flipped.effectiveAfterMs < 1000, "it took effect in less than a second");
}

/** Act 1: nothing is retained. */
export async function off(bookinfo: Bookinfo): Promise<void> {
  heading("1. Retention is off", "The mesh merges both reviews: stars come and go with each refresh.");
  const [one, two] = await measure(bookinfo, 200);
  table([one, two]);
  claim(isMixed(one) && isMixed(two), "each page gets reviews from both clusters");
  claim(isServed(one) && isServed(two), "every page is whole");
}

/** Act 2: the switch goes on while requests run. */
export async function on(bookinfo: Bookinfo): Promise<void> {
  heading(
    "2. Retention is turned on for reviews",
    "Each productpage now gets the reviews of its own cluster.",
  );
  const flipped = await flip(bookinfo, true);
  flipLine(flipped);
  claimSmooth(flipped);
  const before = await receivedByDetails(bookinfo);
  const [one, two] = await measure(bookinfo, 200);
  const after = await receivedByDetails(bookinfo);
  table([one, two]);
  claim(
    one.v1 === 200 && one.v2 === 0 && one.stars === 0,
    "page 1 never has stars: 0 of its 200 requests for reviews left m1c1",
  );
  claim(
    two.v2 === 200 && two.v1 === 0 && two.stars === 200,
    "page 2 always has stars: 0 of its 200 requests for reviews left m1c2",
  );
  claim(isServed(one) && isServed(two), "every page is whole");
  const [m1c1, m1c2] = [after.m1c1 - before.m1c1, after.m1c2 - before.m1c2];
  claim(
    m1c1 > 0 && m1c2 > 0,
    `details, which no rule names, is as mixed as before: ${m1c1} in m1c1, ${m1c2} in m1c2`,
  );
}

/** Act 3: the local endpoint is gone, and strict means strict. */
export async function localDown(bookinfo: Bookinfo): Promise<void> {
  heading(
    "3. reviews v1 in m1c1 is stopped",
    "Strict: page 1 rather does without reviews than use those of m1c2.",
  );
  await bookinfo.app("reviews", "m1c1").stop();
  const [one, two] = await measure(bookinfo, 100);
  table([one, two]);
  claim(
    one.v2 === 0 && one.unavailable === 100,
    "page 1 says that reviews are unavailable: 0 of 100 requests reached v2",
  );
  claim(one.ok === 100, "page 1 is still answered with 200");
  claim(isServed(two) && two.v2 === 100, "page 2 is as before");
}

/** Act 4: the switch goes off again, first without reviews v1, then with it. */
export async function offAgain(bookinfo: Bookinfo): Promise<void> {
  heading(
    "4. Retention is turned off again",
    "reviews v1 is still down: page 1 is served by v2, in the other cluster.",
  );
  const flipped = await flip(bookinfo, false);
  flipLine(flipped);
  claimSmooth(flipped);
  const [one, two] = await measure(bookinfo, 100);
  table([one, two]);
  claim(one.v2 === 100 && two.v2 === 100 && isServed(one) && isServed(two), "v2 serves both pages");

  print();
  const start = performance.now();
  await bookinfo.app("reviews", "m1c1").start();
  if (!(await waitUntil(() => bookinfo.allHealthy(), { timeoutMs: 10_000 }))) {
    throw new FalseClaim(
      "reviews v1 was started again, but not every sidecar saw it as healthy within 10 s.",
    );
  }
  print(`   reviews v1 is started again: every sidecar sees it after ${seconds(performance.now() - start)}.`);
  const again = await measure(bookinfo, 100);
  table(again);
  claim(again.every(isMixed) && again.every(isServed), "each page gets reviews from both clusters again");
}
