import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { countBy } from "../support/load.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { many, policy, twoClusters } from "./two-clusters.ts";

// Settings of the inventory and of the policy that become Envoy's own.

let mesh: TestMesh;
beforeAll(async () => {
  const reply = ({ path }: { path: string }) => (path === "/health" ? {} : { status: 503 });
  mesh = await startMesh(
    twoClusters(policy([{ services: ["default/reviews"], mode: "strict" }]), [
      { service: "default/reviews", reply, settings: { retries: { attempts: 2, retryOn: ["5xx"] } } },
      { service: "default/few", settings: { circuitBreakers: { maxRequests: 1 } } },
      { service: "default/shop" },
    ]),
  );
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

const caller = () => mesh.caller("m1c1/sleep");

test("40 requests at once are each tried three times: Envoy's limit of 3 retries at a time does not apply", async () => {
  const answers = Array.from({ length: 40 }, () => caller().send({ host: "reviews:9080" }));
  expect(countBy(await Promise.all(answers), ({ status }) => status)).toEqual({ 503: 40 });
  expect(mesh.endpoint("m1c1", "default/reviews").count()).toBe(120);
  expect(mesh.endpoint("m1c2", "default/reviews").count()).toBe(0);
});

test("circuit breakers: a request too many is refused by Envoy", async () => {
  const home = mesh.endpoint("m1c1", "default/few");
  mesh.endpoints.forEach((endpoint) => endpoint.hang());
  const held = caller().send({ host: "few:9080" });
  await expect.poll(() => home.count() + mesh.endpoint("m1c2", "default/few").count()).toBe(1);
  const refused = await caller().send({ host: "few:9080" });
  expect(refused).toMatchObject({ status: 503, headers: { "x-envoy-overloaded": "true" } });
  mesh.endpoints.forEach((endpoint) => endpoint.resume());
  await held;
});

test("a rule by path sees one spelling of it, and so does the service", async () => {
  await mesh.setPolicy(
    policy([{ services: ["default/shop"], mode: "strict", paths: [{ prefix: "/cart/" }] }]),
  );
  for (const path of ["/cart/a", "//cart//a", "/x/../cart/a", "/./cart/a"]) {
    mesh.reset();
    await many(caller(), 20, { host: "shop:9080", path });
    expect(mesh.endpoint("m1c1", "default/shop").count({ path: "/cart/a" }), path).toBe(20);
  }
  mesh.reset();
  await many(caller(), 40, { host: "shop:9080", path: "/cartoons" });
  expect(mesh.endpoint("m1c2", "default/shop").count()).toBeGreaterThan(10);
});

test("debug: Envoy says what was decided, and replaces what an upstream says under the same name", async () => {
  await mesh.setPolicy(policy([{ services: ["default/shop"], mode: "prefer" }], { debug: true }));
  const { headers } = await caller().send({ host: "shop:9080" });
  expect(headers["x-cluster-local-decision"]).toBe(
    "prefer; rule=default/shop; pin=m1c1,m1c2; served-by=m1c1",
  );
  await mesh.setPolicy(policy([{ services: ["default/shop"], mode: "prefer" }]));
  expect((await caller().send({ host: "shop:9080" })).headers).not.toHaveProperty("x-cluster-local-decision");
});

test("each mesh cluster's Envoy cluster checks its endpoints by itself", async () => {
  const { admin } = caller().envoy;
  const clusters = await admin.clusters();
  const checking = [...clusters.values()].flat();
  const { address } = mesh.endpoint("m1c1", "default/shop");
  // Merged, m1c1's own, and the order, which lists those of its clusters and checks nothing itself.
  const names = [...clusters].filter(([, hosts]) => hosts.some((host) => host.address === address));
  expect(names.map(([name]) => name.split("|")[2]).sort()).toEqual(["", "m1c1"]);
  expect(checking.every(({ healthy }) => healthy)).toBe(true);
});
