import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { countBy } from "../support/load.ts";
import type { MeshSpec } from "../support/mesh-spec.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { many } from "./two-clusters.ts";

// Three clusters, so that an order says something.

const clusters = ["m1c1", "m1c2", "m1c3"];
const policy = (rules: object[]) => ({ version: 1, clusters, rules });
const reviewsOnly = (rule: object) => policy([{ services: ["default/reviews"], ...rule }]);

let mesh: TestMesh;
beforeAll(async () => {
  const services = [{ service: "default/reviews" }, { service: "default/ratings" }];
  const spec: MeshSpec = {
    policy: policy([]),
    clusters: clusters.map((id) => ({
      id,
      services: [...services, { service: "default/lonely", backends: id === "m1c1" ? 0 : 1 }],
      callers: id === "m1c3" ? [] : [{ name: "sleep" }],
    })),
  };
  mesh = await startMesh(spec);
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

const reviews = (cluster: string) => mesh.endpoint(cluster, "default/reviews");
const counts = (service = "default/reviews") => clusters.map((id) => mesh.endpoint(id, service).count());

/** 60 requests from m1c1: how many each cluster got. */
async function received(host = "reviews:9080"): Promise<number[]> {
  mesh.reset();
  const answers = await many(mesh.caller("m1c1/sleep"), 60, { host });
  expect(countBy(answers, ({ status }) => status)).toEqual({ 200: 60 });
  return counts();
}

describe("prefer", () => {
  afterEach(async () => {
    for (const id of clusters) {
      reviews(id).resume();
      await reviews(id).start();
    }
    await mesh.waitForHealth();
  });

  test.each([
    [
      ["m1c3", "m1c2"],
      [0, 0, 60],
      [0, 60, 0],
    ],
    [undefined, [0, 60, 0], [0, 0, 60]],
  ])("order %j: local while it is healthy, then in order, and back", async (order, second, third) => {
    await mesh.setPolicy(reviewsOnly({ mode: "prefer", ...(order && { order }) }));
    expect(await received()).toEqual([60, 0, 0]);

    await reviews("m1c1").stop();
    await mesh.waitForHealth(reviews("m1c1"), false);
    expect(await received()).toEqual(second);

    const next = reviews(second[1] ? "m1c2" : "m1c3");
    await next.stop();
    await mesh.waitForHealth(next, false);
    expect(await received()).toEqual(third);

    await next.start();
    await mesh.waitForHealth(next, true);
    expect(await received()).toEqual(second);

    await reviews("m1c1").start();
    await mesh.waitForHealth(reviews("m1c1"), true);
    expect(await received()).toEqual([60, 0, 0]);
  });

  test("a local endpoint that hangs is left for the next cluster once the health check has seen it", async () => {
    await mesh.setPolicy(reviewsOnly({ mode: "prefer" }));
    reviews("m1c1").hang();
    await mesh.waitForHealth(reviews("m1c1"), false);
    expect(await received()).toEqual([0, 60, 0]);
    reviews("m1c1").resume();
    await mesh.waitForHealth(reviews("m1c1"), true);
    expect(await received()).toEqual([60, 0, 0]);
  });

  test("a cluster that is not in the order is not gone to", async () => {
    await mesh.setPolicy(reviewsOnly({ mode: "prefer", order: ["m1c2"] }));
    for (const id of ["m1c1", "m1c2"]) {
      await reviews(id).stop();
      await mesh.waitForHealth(reviews(id), false);
    }
    const answers = await many(mesh.caller("m1c1/sleep"), 30, { host: "reviews:9080" });
    expect(countBy(answers, ({ status }) => status)).toEqual({ 503: 30 });
    expect(reviews("m1c3").count()).toBe(0);
  });

  test("no local endpoint at all", async () => {
    await mesh.setPolicy(policy([{ services: ["default/lonely"], mode: "prefer", order: ["m1c3"] }]));
    await many(mesh.caller("m1c1/sleep"), 40, { host: "lonely:9080" });
    expect([
      mesh.endpoint("m1c2", "default/lonely").count(),
      mesh.endpoint("m1c3", "default/lonely").count(),
    ]).toEqual([0, 40]);
  });
});

test("observe changes nothing, and Envoy counts where requests went", async () => {
  await mesh.setPolicy(reviewsOnly({ mode: "observe" }));
  const all = await received();
  expect(Math.min(...all)).toBeGreaterThan(10);
  const { admin } = mesh.caller("m1c1/sleep").envoy;
  const counted = (await admin.prometheus()).split("\n");
  clusters.forEach((id, index) => {
    const tags = `{rule="default/reviews",mode="observe",pin="",served_by="${id}",code="200"}`;
    expect(counted).toContain(`envoy_cluster_local_upstream${tags} ${all[index]}`);
  });
  const stats = await admin.stats("wasmcustom.cluster_local");
  expect(stats.get("wasmcustom.cluster_local.requests.observed")).toBe(60);
});

describe("conditions and the override", () => {
  const plugin = (rule: object, fields: object = {}) => mesh.setPolicy({ ...reviewsOnly(rule), ...fields });
  const send = (headers: Record<string, string>, rest: object = {}) =>
    mesh.caller("m1c1/sleep").send({ host: "reviews:9080", headers, ...rest });

  test("percent: by a header, the same users always, about as many as asked for", async () => {
    await plugin({ mode: "strict", percent: 30, sticky: { header: "x-user" } });
    const homes: boolean[] = [];
    for (let user = 0; user < 200; user++) {
      const clusters = new Set<string>();
      for (let i = 0; i < 6; i++) clusters.add((await send({ "x-user": `user-${user}` })).cluster);
      homes.push(clusters.size === 1 && clusters.has("m1c1"));
    }
    // A user that is not in the share is at home six times in a row once in 3^6: none to speak of.
    const share = homes.filter(Boolean).length;
    expect(share).toBeGreaterThan(35);
    expect(share).toBeLessThan(85);
  });

  test.each([
    [0, [20, 20, 20]],
    [100, [60, 0, 0]],
  ])("percent: %d", async (percent, expected) => {
    await plugin({ mode: "strict", percent });
    expect(await received()).toEqual(expected);
  });

  test("callers: one configuration for all, obeyed by those it names", async () => {
    await plugin({ mode: "strict", callers: ["default/sleep"] });
    expect(await received()).toEqual([60, 0, 0]);
    await plugin({ mode: "strict", callers: ["other/*", "default/shop-*"] });
    expect(await received()).toEqual([20, 20, 20]);
  });

  test("paths and methods", async () => {
    await plugin({
      mode: "strict",
      paths: [{ prefix: "/api/" }, { exact: "/login" }],
      methods: ["GET", "POST"],
    });
    const at = async (path: string, method: string) => {
      const clusters = new Set<string>();
      for (let i = 0; i < 12; i++) clusters.add((await send({}, { path, method })).cluster);
      return clusters.size;
    };
    expect(await at("/api/books?x=1", "GET")).toBe(1);
    expect(await at("/login?next=/", "POST")).toBe(1);
    expect(await at("/api/books", "DELETE")).toBe(3);
    expect(await at("/login/x", "GET")).toBe(3);
    expect(await at("/ap?/api/", "GET")).toBe(3);
  });

  test("override: by a trusted caller, one request elsewhere; stripped always, ignored unless allowed", async () => {
    const override = { header: "x-go-to", allow: ["local", "any", "m1c3"], from: ["default"] };
    await plugin({ mode: "strict" }, { override });
    const go = async (host: string, to: string) => {
      mesh.reset();
      await many(mesh.caller("m1c1/sleep"), 30, { host, headers: { "x-go-to": to } });
      for (const { received } of mesh.endpoints)
        for (const { headers } of received) expect(headers).not.toHaveProperty("x-go-to");
      return counts(`default/${host}`);
    };
    expect(await go("reviews", "m1c3")).toEqual([0, 0, 30]);
    expect(await go("reviews", "any")).toEqual([10, 10, 10]);
    expect(await go("ratings", "local")).toEqual([30, 0, 0]);
    expect(await go("reviews", "m1c2")).toEqual([30, 0, 0]);
    expect(await go("ratings", "")).toEqual([10, 10, 10]);
    const stats = await mesh.caller("m1c1/sleep").envoy.admin.stats("wasmcustom.cluster_local");
    expect(stats.get("wasmcustom.cluster_local.override.allowed")).toBe(90);
    expect(stats.get("wasmcustom.cluster_local.override.refused")).toBe(60);

    await plugin({ mode: "strict" }, { override: { ...override, from: ["other"] } });
    expect(await go("reviews", "m1c3")).toEqual([30, 0, 0]);
    await plugin({ mode: "strict" }, { override, enabled: false });
    expect(await go("reviews", "m1c3")).toEqual([10, 10, 10]);
  });
});
