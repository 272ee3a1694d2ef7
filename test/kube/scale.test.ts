import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { slowdown } from "../support/machine.ts";
import { fieldsOf, type Fields } from "../../src/input/loose.ts";
import { startController, type TestController } from "./support/controller.ts";
import {
  apply,
  condition,
  endpoints,
  get,
  made,
  namespace,
  policy,
  remove,
  service,
  startMesh,
  type TestMesh,
} from "./support/mesh.ts";
import { eventually } from "./support/process.ts";

/**
 * The bars of many services, for a machine that does nothing else: `KUBE_SERVICES=2000 npm run test:kube -- scale`. Most of the time is
 * their writing, so that the gate leaves it out.
 */
const SERVICES = Number(process.env.KUBE_SERVICES ?? 0);

let mesh: TestMesh;
let controller: TestController;
/** Which is less work for an API server than to apply; a busy one may take its time. */
const create = (kube: TestMesh["one"], path: string, body: Fields) =>
  kube.request("POST", path, { body, idleMs: 120_000 });

beforeAll(async () => {
  mesh = await startMesh();
  const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  const fill = async (kube: TestMesh["one"]) => {
    await apply(kube, namespace("shop"));
    const left = [...names];
    const write = async () => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        await create(kube, "/api/v1/namespaces/shop/services", service("shop", name));
        const slices = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";
        await create(kube, slices, endpoints("shop", name, ["10.1.0.1"]));
      }
    };
    await Promise.all(Array.from({ length: 8 }, write));
  };
  await Promise.all([fill(mesh.one), fill(mesh.two)]);
  controller = await startController(mesh.m1c1);
}, 900_000);
afterAll(async () => {
  await controller.process.stop();
  await mesh.stop();
});

const ALL = policy("shop", "all", { rules: [{ services: ["shop/*"], mode: "strict" }] });

async function metric(name: string): Promise<number> {
  const lines = (await controller.metrics()).split("\n");
  const line = lines.find((one) => one.startsWith(`cluster_local_controller_${name} `));
  return Number(line?.split(" ")[1] ?? 0);
}

function memory() {
  const status = readFileSync(`/proc/${controller.process.child.pid!}/status`, "utf8");
  const [, peak] = /VmHWM:\s+(\d+)/.exec(status)!;
  const [, now] = /VmRSS:\s+(\d+)/.exec(status)!;
  return { peak: Math.round(Number(peak) / 1024), now: Math.round(Number(now) / 1024) };
}

it.skipIf(SERVICES === 0)(
  "keeps all services local at once, then reconciles in little time when there is nothing to do",
  async () => {
    const started = performance.now();
    await apply(mesh.one, ALL);
    await condition(mesh.one, ALL, "Ready", "Held", 300_000);
    const applied = performance.now() - started;
    expect(fieldsOf((await get(mesh.one, ALL))?.status).summary).toBe(`${SERVICES}/${SERVICES}`);
    const times: number[] = [];
    for (let round = 1; round <= 3; round++) {
      await sleep(3000);
      const [sum, count] = [await metric("reconcile_seconds_sum"), await metric("reconcile_seconds_count")];
      // A change that changes nothing for the mesh.
      const addresses = Array.from({ length: round + 1 }, (_, nth) => `10.1.0.${nth + 1}`);
      await apply(mesh.two, endpoints("shop", "s1", addresses));
      await eventually("a reconcile", async () => (await metric("reconcile_seconds_count")) > count);
      const rounds = (await metric("reconcile_seconds_count")) - count;
      times.push((1000 * ((await metric("reconcile_seconds_sum")) - sum)) / rounds);
    }
    const idle = Math.max(...times);
    const { peak, now } = memory();
    const objects = (await made(mesh.one)).length;
    console.log(
      `${SERVICES} services: all held after ${Math.round(applied)} ms (${objects} objects), reconciles with nothing to do ${times.map(Math.round).join(", ")} ms, memory ${now} MiB, at most ${peak} MiB, slowdown ${slowdown().toFixed(1)}`,
    );
    expect(applied).toBeLessThan(30_000 * slowdown());
    expect(idle).toBeLessThan(1000 * slowdown());
    expect(now).toBeLessThan(400);
    const ended = performance.now();
    await remove(mesh.one, ALL);
    await eventually("all is gone", async () => (await made(mesh.one)).length === 0, { withinMs: 300_000 });
    console.log(`let go after ${Math.round(performance.now() - ended)} ms`);
  },
  700_000,
);
