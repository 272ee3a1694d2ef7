import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Visit } from "../../examples/bookinfo/demo/measure.ts";
import type { Sample } from "../support/load.ts";
import { switched } from "./configuration.ts";
import { describeContainers, useRig } from "./containers.ts";
import { refused, reviewsOf, served, watch } from "./watch.ts";

interface Clocks {
  /** Seconds. */
  interval: number;
  timeout: number;
  /** Failed checks until an endpoint is out, and good ones until it is back. */
  out: number;
  back: number;
}

/** When a container that hangs is taken out, in ms after it began to. Each failed check takes the interval and the timeout. */
const earliest = ({ interval, timeout, out }: Clocks) => 1000 * ((out - 1) * (interval + timeout) + timeout);
const latest = ({ interval, timeout, out }: Clocks) => 1000 * out * (interval + timeout);

/** What a busy machine may add until a page shows it. */
const slackMs = 3000;

/** From the first visit that shows that the container is out. */
function expectOutInTime({ sentAt, doneAt }: Sample<Visit>, pausedAt: number, clock: Clocks): void {
  expect(doneAt - pausedAt).toBeGreaterThan(earliest(clock) - 100);
  expect(sentAt - pausedAt).toBeLessThan(latest(clock) + slackMs);
}

/** Beside the example's own (1 s, 0.5 s, one check): twice is no accident, and a probe as Kubernetes has it, but faster. */
const clocks: Clocks[] = [
  { interval: 1, timeout: 1, out: 2, back: 2 },
  { interval: 3, timeout: 1, out: 3, back: 1 },
];

describeContainers("health checks with the clocks of users", () => {
  const rig = useRig({ policy: switched(true) });

  describe.each(clocks)(
    "every $interval s, at most $timeout s, out after $out, back after $back",
    (clock) => {
      const { interval, timeout, out, back } = clock;
      const mesh = (text: string) =>
        text.replace(
          /^healthCheck: .*$/m,
          `healthCheck: { interval: ${interval}s, timeout: ${timeout}s, unhealthyThreshold: ${out}, healthyThreshold: ${back} }`,
        );
      const useMode = (mode: string) =>
        rig().configure({
          mesh,
          policy: (text) => switched(true)(text).replace(/^( *mode:) .*$/m, `$1 ${mode}`),
        });

      beforeEach(async () => {
        await useMode("strict");
        await rig().part("m1c1-productpage-sidecar").restart(); // clocks are part of its bootstrap
        await rig().settled();
      });
      afterEach(() => rig().settled());

      test("strict: until reviews v1 is out, pages wait; then they do without; none crosses", async () => {
        const reviews = rig().part("m1c1-reviews");
        const load = await watch(rig());
        await load.until(served);
        const pausedAt = performance.now();
        await reviews.pause();
        await load.until(refused);
        await reviews.unpause();
        await load.until(served);
        const { crossings, page } = await load.stop();

        expect(crossings).toBe(0);
        expect(Object.keys(reviewsOf(page(1))).sort()).toEqual(["none", "v1"]);
        expect(reviewsOf(page(2))).toEqual({ v2: page(2).length });
        const first = page(1).find(
          ({ answer, sentAt, doneAt }) => sentAt > pausedAt && answer && refused(answer, doneAt - sentAt),
        )!;
        expectOutInTime(first, pausedAt, clock);
      });

      test("prefer: nothing crosses before reviews v1 is out, and nothing after it is back", async () => {
        await useMode("prefer");
        await rig().settled();
        const reviews = rig().part("m1c1-reviews");
        const load = await watch(rig());
        await load.until(served);
        const pausedAt = performance.now();
        await reviews.pause();
        await load.until(({ reviews }) => reviews === "v2");
        await reviews.unpause();
        await load.until(served);
        const { crossings, page } = await load.stop();

        const crossed = page(1).filter(({ answer }) => answer?.reviews === "v2");
        expect(crossings).toBe(crossed.length);
        expectOutInTime(crossed[0]!, pausedAt, clock);
        expect(reviewsOf(page(2))).toEqual({ v2: page(2).length });

        const again = await watch(rig());
        await again.during(1500);
        expect((await again.stop()).crossings).toBe(0);
      });
    },
  );
});
