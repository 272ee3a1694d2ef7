import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { countBy } from "../support/load.ts";
import { slowdown } from "../support/machine.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { many, retainReviews, twoClusters } from "./two-clusters.ts";

let mesh: TestMesh;
beforeAll(async () => {
  mesh = await startMesh(twoClusters(retainReviews, [{ service: "default/reviews" }]));
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

const reviews = (cluster: string) => mesh.endpoint(cluster, "default/reviews");
const statuses = async (count: number) =>
  countBy(await many(mesh.caller("m1c1/sleep"), count, { host: "reviews:9080" }), ({ status }) => status);

const failures = {
  stops: { fail: () => reviews("m1c1").stop(), recover: () => reviews("m1c1").start() },
  hangs: {
    fail: () => {
      reviews("m1c1").hang();
    },
    recover: () => {
      reviews("m1c1").resume();
    },
  },
};

test.each(["stops", "hangs"] as const)(
  "the local endpoint %s: 503, nothing crosses; back again: served again",
  async (what) => {
    const { fail, recover } = failures[what];
    await fail();
    // From the first moment on, before any health check has noticed: an error, or the endpoint itself, never the other one.
    const early = mesh
      .caller("m1c1/sleep")
      .send({ host: "reviews:9080", timeoutMs: 3_000 })
      .catch(() => undefined);
    await mesh.waitForHealth(reviews("m1c1"), false);
    await early;
    mesh.reset();
    expect(await statuses(100)).toEqual({ 503: 100 });
    expect(reviews("m1c2").count()).toBe(0);

    await recover();
    const asked = performance.now();
    await mesh.waitForHealth(reviews("m1c1"), true);
    expect(performance.now() - asked).toBeLessThan(2_000 * slowdown());
    mesh.reset();
    expect(await statuses(100)).toEqual({ 200: 100 });
    expect([reviews("m1c1").count(), reviews("m1c2").count()]).toEqual([100, 0]);
  },
);

test("while the local endpoint dies under load, not one request crosses", async () => {
  const load = many(mesh.caller("m1c1/sleep"), 400, { host: "reviews:9080" });
  await reviews("m1c1").stop();
  await load;
  expect(reviews("m1c2").count()).toBe(0);
  await reviews("m1c1").start();
  await mesh.waitForHealth(reviews("m1c1"), true);
});

test("the other cluster does not notice", async () => {
  await reviews("m1c1").stop();
  await mesh.waitForHealth(reviews("m1c1"), false);
  const answers = await many(mesh.caller("m1c2/sleep"), 50, { host: "reviews:9080" });
  expect(countBy(answers, ({ status, cluster }) => `${status} ${cluster}`)).toEqual({ "200 m1c2": 50 });
  await reviews("m1c1").start();
  await mesh.waitForHealth(reviews("m1c1"), true);
});
