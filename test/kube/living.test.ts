import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Fields } from "../../src/input/loose.ts";
import { slowdown } from "../support/machine.ts";
import { startController, type TestController } from "./support/controller.ts";
import { LivingMesh } from "./support/living.ts";
import { apply, condition, get, policy, remove, service } from "./support/mesh.ts";
import { eventually } from "./support/process.ts";
import type { Traffic } from "./support/traffic.ts";

let living: LivingMesh;
let controller: TestController;
let traffic: Traffic;
/** What Prometheus would say of kept requests: how many of 100 failed. */
let failing = 0;
const prometheus = createServer((_, answer) => {
  const series = (code: string, count: number) => ({
    metric: { mode: "strict", code },
    value: [0, String(count)],
  });
  answer.end(JSON.stringify({ data: { result: [series("200", 100 - failing), series("503", failing)] } }));
});

beforeAll(async () => {
  living = await LivingMesh.start();
  const { image, istiod, mesh } = living;
  await once(prometheus.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`;
  const args = ["--prometheus", url];
  controller = await startController(mesh.m1c1, { image, istiod: istiod.debug, args });
});
beforeEach(() => {
  traffic = living.traffic();
});
afterEach(async ({ task }) => {
  await traffic.stop();
  if (task.result?.state === "fail") console.log(controller.process.output.slice(-3000));
  expect(await living.rejected()).toEqual([]);
  for (const one of [REVIEWS, SWITCH, virtualService(100), destinationRule("v1", "v2")])
    await remove(living.mesh.one, one);
  await eventually("gone", async () => (await get(living.mesh.one, REVIEWS)) === undefined);
  await living.goesEverywhere();
});
afterAll(async () => {
  prometheus.close();
  await controller.process.stop();
  await living.stop();
});

const REVIEWS = policy("default", "reviews", { rules: [{ services: ["default/reviews"], mode: "strict" }] });
const SWITCH = policy(undefined, "switch", { enabled: false });
/** The status says so when istiod has it; proxies have it a moment later. */
const GRACE_MS = 500;

const held = async () => {
  await condition(living.mesh.one, REVIEWS, "Ready", "Held");
  return performance.now() + GRACE_MS * slowdown();
};
const p95 = (times: number[]) => times.sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1]!;
const rounded = (times: number[]) => times.map(Math.round).join(", ");

it("holds at the receivers soon after a policy, lets go soon after the switch, and no request fails", async () => {
  const { one } = living.mesh;
  const [on, off]: [number[], number[]] = [[], []];
  for (let round = 0; round < 8; round++) {
    const started = performance.now();
    await apply(one, REVIEWS);
    const since = await held();
    await sleep(since - performance.now() + 300);
    expect(traffic.crossed(since)).toEqual([]);
    on.push((traffic.crossed(started).at(-1) ?? started) - started);
    const switched = performance.now();
    await apply(one, SWITCH);
    off.push((await eventually("requests cross again", () => traffic.crossed(switched)[0])) - switched);
    await condition(one, REVIEWS, "Programmed", "SwitchedOff");
    await remove(one, REVIEWS);
    await eventually("gone", async () => (await get(one, REVIEWS)) === undefined);
    await remove(one, SWITCH);
  }
  console.log(
    `held after ${rounded(on)} ms; switched off after ${rounded(off)} ms; ${traffic.sent.length} requests`,
  );
  expect(traffic.failed()).toEqual({});
  expect(p95(on)).toBeLessThan(2000 * slowdown());
  expect(p95(off)).toBeLessThan(1000 * slowdown());
});

/** As Argo Rollouts has them: weights in the route, versions in the subsets' labels. */
const virtualService = (stable: number, more: Fields = {}): Fields => ({
  ...{ apiVersion: "networking.istio.io/v1", kind: "VirtualService" },
  metadata: { name: "reviews", namespace: "default" },
  spec: {
    hosts: ["reviews"],
    http: [
      {
        name: "primary",
        route: [
          { destination: { host: "reviews", subset: "stable" }, weight: stable },
          { destination: { host: "reviews", subset: "canary" }, weight: 100 - stable },
        ],
        ...more,
      },
    ],
  },
});
const destinationRule = (stable: string, canary: string): Fields => ({
  ...{ apiVersion: "networking.istio.io/v1", kind: "DestinationRule" },
  metadata: {
    ...{ name: "reviews-rollout", namespace: "default" },
    annotations: { "argo-rollouts.argoproj.io/managed-by-rollouts": "reviews" },
  },
  spec: {
    host: "reviews",
    subsets: [
      { name: "stable", labels: { version: stable } },
      { name: "canary", labels: { version: canary } },
    ],
  },
});

it("keeps a canary local from its start to its promotion, and no request fails", async () => {
  const { one } = living.mesh;
  await apply(one, destinationRule("v1", "v1"));
  await apply(one, virtualService(100));
  await apply(one, REVIEWS);
  const since = await held();
  await sleep(since - performance.now());
  const share = async (of: number) => {
    const from = performance.now();
    const counts = () => Object.entries(traffic.shares(from));
    await eventually(
      `${of}% go to v2`,
      () => {
        const sum = (all: [string, number][]) => all.reduce((total, [, count]) => total + count, 0);
        const v2 = (100 * sum(counts().filter(([name]) => name.includes("v2")))) / sum(counts());
        if (Math.abs(v2 - of) > 12) throw new Error(`${Math.round(v2)}%`);
        return sum(counts()) > 50;
      },
      { withinMs: 15_000 },
    );
  };
  await apply(one, destinationRule("v1", "v2"));
  await sleep(1000);
  for (const weight of [80, 50, 0]) {
    await apply(one, virtualService(weight));
    await sleep(1000);
    await share(100 - weight);
  }
  await apply(one, destinationRule("v2", "v2"));
  await sleep(1000);
  await apply(one, virtualService(100));
  await sleep(1000);
  await share(100);
  expect(traffic.failed()).toEqual({});
  expect(traffic.crossed(since)).toEqual([]);
});

it("lets nothing cross while somebody edits, deletes and makes again what routes and services there are", async () => {
  const { one, two } = living.mesh;
  await apply(one, REVIEWS);
  const since = await held();
  await sleep(since - performance.now());
  const steps: [string, () => Promise<unknown>][] = [
    ["subsets come", () => apply(one, destinationRule("v1", "v2"))],
    ["weights come", () => apply(one, virtualService(50))],
    ["the route has no name any more", () => apply(one, virtualService(50, { name: undefined }))],
    ["the route goes", () => remove(one, virtualService(50))],
    ["the subsets go", () => remove(one, destinationRule("v1", "v2"))],
    ["the subsets come again", () => apply(one, destinationRule("v2", "v1"))],
    ["another route comes", () => apply(one, virtualService(20, { name: "other", timeout: "5s" }))],
    [
      "all goes",
      () => Promise.all([remove(one, virtualService(50)), remove(one, destinationRule("v1", "v1"))]),
    ],
  ];
  // What is new, and routed to at once, answers 503 until the controller has copied it: so nothing crosses.
  const isAnswered = () => Object.keys(traffic.failed(performance.now() - 400)).length === 0;
  for (const [what, step] of steps) {
    await step();
    await sleep(700);
    await eventually(`requests are answered after: ${what}`, isAnswered);
  }
  expect(traffic.crossed(since)).toEqual([]);
  const reviews = service("default", "reviews", living.port);
  for (const kubes of [[two], [one], [one, two]]) {
    await Promise.all(kubes.map((kube) => remove(kube, reviews)));
    await sleep(1500);
    await Promise.all(kubes.map((kube) => apply(kube, reviews)));
    await sleep(1500);
  }
  const again = performance.now();
  await sleep(500);
  expect(traffic.failed(again)).toEqual({});
  expect(traffic.crossed(since)).toEqual([]);
});

it("rolls a rule out step by step, goes back when requests fail, and none fails by it", async () => {
  const { one } = living.mesh;
  const grace = GRACE_MS * slowdown();
  const long = `${Math.ceil((2 * grace + 4000) / 1000)}s`;
  const rolled = (time: string) =>
    policy("default", "reviews", {
      rules: [
        {
          ...{ services: ["default/reviews"], mode: "strict" },
          rollout: { steps: [{ percent: 50, for: time }] },
        },
      ],
    });
  /** How many of a hundred requests cross. */
  const crossing = async () => {
    await sleep(grace);
    const [from, sent] = [performance.now(), traffic.sent.length];
    await sleep(1500);
    return (100 * traffic.crossed(from).length) / (traffic.sent.length - sent);
  };
  await apply(one, rolled(long));
  await condition(one, REVIEWS, "RolledOut", "Observing");
  expect(await crossing()).toBeGreaterThan(40);
  await condition(one, REVIEWS, "RolledOut", "Progressing");
  const half = await crossing();
  expect(half).toBeGreaterThan(12);
  expect(half).toBeLessThan(38);
  await condition(one, REVIEWS, "RolledOut", "Complete");
  expect(await crossing()).toBe(0);
  failing = 30;
  await apply(one, rolled("3s"));
  const back = await condition(one, REVIEWS, "RolledOut", "WentBack");
  expect(back.message).toContain("30.0% of the kept requests failed, 0.0% of the others");
  expect(await crossing()).toBeGreaterThan(40);
  expect(traffic.failed()).toEqual({});
});
