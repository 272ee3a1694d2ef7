import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { slowdown } from "../support/machine.ts";
import { startController, type TestController } from "./support/controller.ts";
import { LivingMesh } from "./support/living.ts";
import { apply, condition, policy } from "./support/mesh.ts";
import { eventually } from "./support/process.ts";
import type { Traffic } from "./support/traffic.ts";

let living: LivingMesh;
const controllers: TestController[] = [];
let traffic: Traffic;
let since: number;

const REVIEWS = policy("default", "reviews", { rules: [{ services: ["default/reviews"], mode: "strict" }] });
const GRACE_MS = 500;

async function start(): Promise<TestController> {
  const { image, istiod, mesh } = living;
  const args = ["--watch-seconds", "2", "--lease-namespace", "istio-system", "--lease-seconds", "3"];
  const one = await startController(mesh.m1c1, { image, istiod: istiod.debug, args });
  controllers.push(one);
  return one;
}

beforeAll(async () => {
  living = await LivingMesh.start();
  await start();
  await apply(living.mesh.one, REVIEWS);
  await condition(living.mesh.one, REVIEWS, "Ready", "Held");
  await sleep(GRACE_MS * slowdown());
});
beforeEach(() => {
  traffic = living.traffic();
  since = performance.now();
});
afterEach(async ({ task }) => {
  const [failed, crossed] = [traffic.failed(), traffic.crossed(since)];
  await traffic.stop();
  if (task.result?.state === "fail") console.log(controllers.at(-1)!.process.output.slice(-3000));
  expect({ failed, crossed }).toEqual({ failed: {}, crossed: [] });
});
afterAll(async () => {
  for (const one of controllers) await one.process.stop("SIGKILL");
  await living.stop();
});

const [V1, V2] = [0, 1];

it("stays at home while the API server is dead and when it is back", async () => {
  const { m1c1 } = living.mesh;
  await m1c1.end();
  await sleep(3000);
  await m1c1.run();
  await sleep(2000);
  await condition(living.mesh.one, REVIEWS, "Ready", "Held");
});

it.each([
  ["is dead", async () => living.mesh.m1c2.end(), () => living.mesh.m1c2.run()],
  ["says nothing", () => living.mesh.m1c2.pause(true), () => living.mesh.m1c2.pause(false)],
] as const)("stays at home while a remote API server %s and when it is back", async (_, fail, mend) => {
  await fail();
  await condition(living.mesh.one, REVIEWS, "Ready", "ClusterUnreachable");
  await mend();
  await condition(living.mesh.one, REVIEWS, "Ready", "Held");
});

it("stays at home while the controller is dead and pods come and go", async () => {
  await controllers.pop()!.process.stop("SIGKILL");
  const [first] = living.pods;
  await first!.ready(false);
  await sleep(1500);
  await first!.ready(true);
  await sleep(1000);
  expect(Object.values(traffic.shares(performance.now() - 500)).every((count) => count > 0)).toBe(true);
  await start();
});

it("stays at home when the leader of two replicas is killed, and the other goes on with the work", async () => {
  const { one } = living.mesh;
  const leads = async (it: TestController) => (await it.metrics()).includes("controller_leader 1");
  await eventually("the first leads", () => leads(controllers[0]!));
  await start();
  const rule = (mode: string) =>
    policy("default", "reviews", { rules: [{ services: ["default/reviews"], mode }] });
  await apply(one, rule("prefer"));
  await controllers.shift()!.process.stop("SIGKILL");
  await eventually("the second leads", () => leads(controllers[0]!));
  await condition(one, rule("prefer"), "Ready", "Held");
  await apply(one, REVIEWS);
  await condition(one, REVIEWS, "Ready", "Held");
});

it("answers 503 where a cluster has no pod any more, and none crosses", async () => {
  const pods = living.pods.filter(({ options }) => options.cluster === "m1c1");
  await Promise.all([pods[V1]!.ready(false), pods[V2]!.ready(false)]);
  await condition(living.mesh.one, REVIEWS, "Ready", "HeldWithoutEndpoints");
  await eventually("503", () => traffic.failed(since)[503]);
  await sleep(500);
  const crossed = traffic.crossed(since);
  await Promise.all(pods.map((pod) => pod.ready(true)));
  await condition(living.mesh.one, REVIEWS, "Ready", "Held");
  await eventually("answered again", () => Object.keys(traffic.failed(performance.now() - 500)).length === 0);
  await traffic.stop();
  expect(crossed).toEqual([]);
  traffic = living.traffic();
});
