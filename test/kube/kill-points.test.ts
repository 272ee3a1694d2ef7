import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fields } from "../../src/input/loose.ts";
import { slowdown } from "../support/machine.ts";
import { startController, type TestController } from "./support/controller.ts";
import { Gate, type Passing } from "./support/gate.ts";
import { LivingMesh } from "./support/living.ts";
import { apply, condition, get, made, policy, remove } from "./support/mesh.ts";
import { eventually } from "./support/process.ts";

let living: LivingMesh;
let gate: Gate;
let controller: TestController | undefined;

beforeAll(async () => {
  living = await LivingMesh.start();
  gate = await Gate.open(living.mesh.m1c1);
});
afterAll(async () => {
  await controller?.process.stop("SIGKILL");
  gate.close();
  await living.stop();
});

const REVIEWS = policy("default", "reviews", { rules: [{ services: ["default/reviews"], mode: "strict" }] });
const GRACE_MS = 500;

async function start(): Promise<TestController> {
  const { image, istiod, mesh } = living;
  return startController(mesh.m1c1, { image, istiod: istiod.debug, kubeconfig: gate.kubeconfig });
}

/** Kills the controller at the first write of that kind. */
function killAt(point: Passing): Promise<void> {
  return new Promise((resolve) => {
    gate.stops = async ({ when, what }) => {
      if (when !== point.when || what !== point.what) return false;
      gate.stops = () => false;
      await controller!.process.stop("SIGKILL");
      resolve();
      return true;
    };
  });
}

const APPLYING = [
  "PATCH clusterlocalpolicies",
  "PATCH destinationrules",
  "PATCH envoyfilters",
  "PATCH wasmplugins",
  "PATCH clusterlocalpolicies/status",
];
const REMOVING = [
  "DELETE wasmplugins",
  "DELETE envoyfilters",
  "DELETE destinationrules",
  "PATCH clusterlocalpolicies",
];
const points = (all: string[]): Passing[] =>
  all.flatMap((what) => (["before", "after"] as const).map((when) => ({ when, what })));

it.each(points(APPLYING))(
  "killed $when $what of a new policy: nothing fails, and it holds in the end",
  async (point) => {
    const { one } = living.mesh;
    controller = await start();
    const traffic = living.traffic();
    const killed = killAt(point);
    await apply(one, REVIEWS);
    await killed;
    controller = await start();
    await condition(one, REVIEWS, "Ready", "Held");
    const since = performance.now() + GRACE_MS * slowdown();
    await sleep(since - performance.now() + 300);
    expect(traffic.failed()).toEqual({});
    expect(traffic.crossed(since)).toEqual([]);
    await traffic.stop();
    await end();
  },
);

it.each(points(REMOVING))(
  "killed $when $what of a policy's end: nothing fails, and all goes in the end",
  async (point) => {
    const { one } = living.mesh;
    controller = await start();
    await apply(one, REVIEWS);
    await condition(one, REVIEWS, "Ready", "Held");
    const traffic = living.traffic();
    const killed = killAt(point);
    await remove(one, REVIEWS);
    await killed;
    controller = await start();
    await gone(REVIEWS);
    expect(await made(one)).toEqual([]);
    await sleep(500);
    expect(traffic.failed()).toEqual({});
    await traffic.stop();
    await controller.process.stop("SIGKILL");
  },
);

async function end(): Promise<void> {
  await remove(living.mesh.one, REVIEWS);
  await gone(REVIEWS);
  await controller!.process.stop("SIGKILL");
}

const gone = (object: Fields) =>
  eventually("it is gone", async () => (await get(living.mesh.one, object)) === undefined);
