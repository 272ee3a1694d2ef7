import { afterAll, beforeAll, expect, it } from "vitest";
import { at, fieldsOf, itemsOf, type Fields } from "../../src/input/loose.ts";
import { startController, type TestController } from "./support/controller.ts";
import {
  apply,
  condition,
  get,
  made,
  policy,
  populate,
  remove,
  startMesh,
  type TestMesh,
} from "./support/mesh.ts";
import { eventually } from "./support/process.ts";

let mesh: TestMesh;
let controller: TestController;
/** A dead connection is noticed soon. */
const ARGS = ["--watch-seconds", "2"];

beforeAll(async () => {
  mesh = await startMesh();
  await populate(mesh.one, "default/reviews");
  await populate(mesh.two, "default/reviews", "default/far");
  controller = await startController(mesh.m1c1, { args: ARGS });
  await apply(mesh.one, REVIEWS);
  await condition(mesh.one, REVIEWS, "Ready", "HeldWithoutEndpoints", 60_000);
});
afterAll(async () => {
  await controller.process.stop();
  await mesh.stop();
});

const REVIEWS = policy("default", "reviews", {
  rules: [{ services: ["default/reviews", "default/far"], mode: "strict" }],
  allowEmpty: true,
});

/** What there is of ours, to the last version. */
const versions = async () =>
  (await made(mesh.one)).map(({ kind, metadata }) => {
    const { name, resourceVersion } = fieldsOf(metadata) as { name: string; resourceVersion: string };
    return `${String(kind)} ${name} ${resourceVersion}`;
  });

const hosts = async () =>
  (await made(mesh.one)).flatMap((one) => (at(one, "spec", "host") as string | undefined) ?? []);

it("is killed and started again: nothing is written", async () => {
  const before = await versions();
  expect(before.length).toBeGreaterThan(2);
  await controller.process.stop("SIGKILL");
  controller = await startController(mesh.m1c1, { args: ARGS });
  await eventually("a reconcile", async () => (await controller.metrics()).includes('result="ok"'), {
    withinMs: 60_000,
  });
  expect(await versions()).toEqual(before);
});

it("is killed, and what changed meanwhile is caught up with", async () => {
  await controller.process.stop("SIGKILL");
  await remove(mesh.one, REVIEWS);
  expect(fieldsOf((await get(mesh.one, REVIEWS))?.metadata).deletionTimestamp).toBeDefined();
  controller = await startController(mesh.m1c1, { args: ARGS });
  await eventually("the policy is gone", async () => (await get(mesh.one, REVIEWS)) === undefined);
  expect(await made(mesh.one)).toEqual([]);
  await apply(mesh.one, REVIEWS);
  await condition(mesh.one, REVIEWS, "Ready", "HeldWithoutEndpoints", 60_000);
});

it("goes on when the API server was killed", async () => {
  await mesh.m1c1.end();
  await mesh.m1c1.run();
  const before = await versions();
  await apply(mesh.one, policy("default", "reviews", { ...(REVIEWS.spec as Fields), enabled: false }));
  await condition(mesh.one, REVIEWS, "Programmed", "Disabled");
  await apply(mesh.one, policy("default", "reviews", { ...(REVIEWS.spec as Fields), enabled: true }));
  await condition(mesh.one, REVIEWS, "Ready", "HeldWithoutEndpoints", 60_000);
  expect((await versions()).length).toBe(before.length);
});

it("keeps what it knows of a cluster that cannot be reached, also through a restart", async () => {
  const before = await versions();
  await mesh.m1c2.end();
  const frozen = await condition(mesh.one, REVIEWS, "Ready", "ClusterUnreachable", 60_000);
  expect(frozen).toMatchObject({ status: "True" });
  expect(frozen.message).toMatch(/^m1c2 cannot be reached \(.*\); what is known of it stays/);
  expect(await versions()).toEqual(before);
  await controller.process.stop("SIGKILL");
  controller = await startController(mesh.m1c1, { args: ARGS });
  await eventually("a reconcile", async () => (await controller.metrics()).includes('result="ok"'), {
    withinMs: 60_000,
  });
  await condition(mesh.one, REVIEWS, "Ready", "ClusterUnreachable", 60_000);
  // A service of m1c2 alone is known by what was made for it.
  expect((await hosts()).sort()).toEqual([
    "far.default.svc.cluster.local",
    "reviews.default.svc.cluster.local",
  ]);
  expect(await versions()).toEqual(before);
  await mesh.m1c2.run();
  await condition(mesh.one, REVIEWS, "Ready", "HeldWithoutEndpoints", 30_000);
});

it("takes nothing new on while a cluster was never seen", async () => {
  await controller.process.stop();
  await mesh.m1c2.end();
  controller = await startController(mesh.m1c1, { args: ARGS });
  const late = policy("default", "late", { rules: [{ services: ["default/late"], mode: "strict" }] });
  await populate(mesh.one, "default/late");
  await apply(mesh.one, late);
  const waiting = await condition(mesh.one, late, "Ready", "NoLocalEndpoints", 60_000);
  expect(waiting.message).toContain("whether m1c2 has endpoints is not known, as it was never reached");
  await mesh.m1c2.run();
  await condition(mesh.one, late, "Ready", "NoLocalEndpoints", 60_000);
  await remove(mesh.one, late);
});

it("acts in one replica, and in the other when the first is killed", async () => {
  await controller.process.stop();
  const lease = ["--lease-namespace", "istio-system", "--lease-seconds", "3", ...ARGS];
  const leads = async (one: TestController) => (await one.metrics()).includes("controller_leader 1");
  const first = await startController(mesh.m1c1, { args: lease });
  await eventually("the first leads", () => leads(first));
  controller = await startController(mesh.m1c1, { args: lease });
  await apply(mesh.one, policy("default", "reviews", { ...(REVIEWS.spec as Fields), enabled: false }));
  await condition(mesh.one, REVIEWS, "Programmed", "Disabled");
  expect(await leads(controller)).toBe(false);
  await first.process.stop("SIGKILL");
  await apply(mesh.one, REVIEWS);
  await apply(mesh.one, policy("default", "reviews", { ...(REVIEWS.spec as Fields), enabled: true }));
  const started = performance.now();
  await condition(mesh.one, REVIEWS, "Ready", "HeldWithoutEndpoints", 30_000);
  console.log(`leader killed to the other's work done: ${Math.round(performance.now() - started)} ms`);
  const second = await startController(mesh.m1c1, { args: lease });
  await controller.process.stop("SIGTERM");
  await eventually("a leader that stops gives the lease away", () => leads(second), { withinMs: 2500 });
  controller = second;
  const { spec } = await mesh.one.request(
    "GET",
    "/apis/coordination.k8s.io/v1/namespaces/istio-system/leases/cluster-local-controller",
  );
  expect(itemsOf([spec]).map((one) => fieldsOf(one).leaseTransitions)).toEqual([3]);
});
