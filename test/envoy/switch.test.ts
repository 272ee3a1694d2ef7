import { afterAll, beforeAll, expect, test } from "vitest";
import { keepAliveAgent } from "../support/http-client.ts";
import { countBy, startLoad } from "../support/load.ts";
import { slowdown } from "../support/machine.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { policy, twoClusters } from "./two-clusters.ts";

const rules = [{ services: ["default/reviews"], mode: "strict" }];
const on = policy(rules);
const off = policy(rules, { enabled: false });

let mesh: TestMesh;
beforeAll(async () => {
  mesh = await startMesh(twoClusters(off, [{ service: "default/reviews" }]));
});
afterAll(() => mesh.stop());

test("four flips under 100 requests a second for 20 s: none fails, each is effective within a second", async () => {
  // On a slow machine more, but never all of the time until the next flip.
  const second = Math.min(1_000 * slowdown(), 2_000);
  const caller = mesh.caller("m1c1/sleep");
  const agent = keepAliveAgent();
  const load = startLoad(100, () => caller.send({ host: "reviews:9080", agent }));
  const flips: { at: number; on: boolean }[] = [];
  for (const state of [on, off, on, off]) {
    await new Promise((resolve) => setTimeout(resolve, 3_800));
    flips.push({ at: performance.now(), on: state === on });
    await mesh.setPolicy(state);
  }
  await new Promise((resolve) => setTimeout(resolve, 4_800));
  const samples = await load.stop();
  agent.destroy();

  expect(samples.length).toBeGreaterThan(1_900);
  expect(countBy(samples, ({ answer, error }) => answer?.status ?? error!.message)).toEqual({
    200: samples.length,
  });
  flips.forEach(({ at, on }, i) => {
    const until = flips[i + 1]?.at ?? Infinity;
    const settled = samples.filter(({ sentAt }) => sentAt > at + second && sentAt < until);
    const clusters = countBy(settled, ({ answer }) => answer!.cluster);
    if (on) expect(clusters).toEqual({ m1c1: settled.length });
    else expect(Math.min(clusters.m1c1 ?? 0, clusters.m1c2 ?? 0)).toBeGreaterThan(settled.length / 5);
  });
}, 60_000);
