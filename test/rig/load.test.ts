import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { countBy, sendMany, startLoad } from "../support/load.ts";

test("a steady load keeps its rate while answers are slow, and waits for them at the end", async () => {
  const load = startLoad(100, async (index) => {
    await sleep(200);
    return index;
  });
  const start = performance.now();
  await sleep(500);
  const due = (performance.now() - start) / 10;
  const samples = await load.stop();
  expect(samples.length).toBeGreaterThan(0.7 * due);
  expect(samples.length).toBeLessThan(1.3 * due);
  expect(samples.every(({ sentAt, doneAt }) => doneAt - sentAt >= 190)).toBe(true);
  expect(samples.map(({ answer }) => answer)).toContain(0);
});

test("samples keep what failed beside what was answered", async () => {
  const samples = await sendMany(10, (index) =>
    index % 5 === 0 ? Promise.reject(new Error("refused")) : Promise.resolve(index),
  );
  expect(countBy(samples, ({ error }) => error?.message ?? "answered")).toEqual({ refused: 2, answered: 8 });
});
