import { copyFile, readFile, rename, writeFile } from "node:fs/promises";
import { connect, type ClientHttp2Stream } from "node:http2";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { keepAliveAgent, send } from "../support/http-client.ts";
import { replaceConfiguration, watchDelivery } from "../support/ecds.ts";
import { countBy, sendMany, startLoad } from "../support/load.ts";
import { slowdown } from "../support/machine.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { managerOf, startExtra, type ExtraEnvoy } from "./extra-envoy.ts";
import { many, policy, twoClusters } from "./two-clusters.ts";

const services = [{ service: "default/reviews" }, { service: "default/echo", protocol: "http2" as const }];
const rules = services.map(({ service }) => ({ services: [service], mode: "strict" }));

// Thousands of requests and configurations take as much longer as the machine is slower.
const slow = slowdown();
vi.setConfig({ testTimeout: 120_000 * slow });

let mesh: TestMesh;
beforeAll(async () => {
  const spec = twoClusters(policy(rules), services);
  // This test keeps its own event loop busy, with the backends on it: their health is not the question here.
  mesh = await startMesh({ ...spec, healthCheck: { interval: "1s", timeout: "20s" } });
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

const reviews = (cluster: string) => mesh.endpoint(cluster, "default/reviews");

/** Resident memory of an Envoy in MiB. */
async function resident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

test("the configuration replaced 1,000 times under load: no error, no stale state, no growth", async () => {
  const { envoy, ecds, address } = mesh.caller("m1c1/sleep");
  const agent = keepAliveAgent();
  const text = (i: number) =>
    JSON.stringify({ version: 1, rules, clusters: [`generation-${i}`], debug: i % 2 === 0 });
  for (let i = 0; i < 100; i++) await watchDelivery(envoy.admin, () => replaceConfiguration(ecds, text(i)));
  const before = await resident(envoy.pid);
  const load = startLoad(50, () => send({ address, host: "reviews:9080", agent }));
  for (let i = 100; i < 1_000; i++)
    await watchDelivery(envoy.admin, () => replaceConfiguration(ecds, text(i)));
  const samples = await load.stop();
  agent.destroy();
  expect(countBy(samples, ({ answer, error }) => answer?.status ?? error!.message)).toEqual({
    200: samples.length,
  });
  expect(reviews("m1c2").count()).toBe(0);
  // V8 gives a VM's memory back when it likes; a leak of a VM or a configuration each time would be hundreds.
  expect((await resident(envoy.pid)) - before).toBeLessThan(60);
  const vms = await envoy.admin.stats("wasm.envoy.wasm.runtime.v8.active");
  expect([...vms.values()][0]).toBeLessThan(10);
});

test("10,000 streams at once, all of them answered at home", async () => {
  const [home, away] = [mesh.endpoint("m1c1", "default/echo"), mesh.endpoint("m1c2", "default/echo")];
  const extra = await startExtra(mesh, "m1c1/sleep", "crowded", ({ static_resources: { clusters } }) => {
    const all = 20_000;
    for (const cluster of clusters)
      cluster.circuit_breakers = { thresholds: [{ max_requests: all, max_pending_requests: all }] };
  });
  home.hang();
  const sessions = Array.from({ length: 250 }, () => connect(`http://${extra.address}`));
  try {
    const statuses: Promise<number>[] = [];
    for (const session of sessions)
      for (let i = 0; i < 40; i++)
        statuses.push(status(session.request({ ":authority": "echo:9080", ":path": "/" })));
    const answers = Promise.all(statuses);
    const active = async () => {
      const gauges = await extra.envoy.admin.stats("http.*downstream_rq_active");
      return Math.max(...gauges.values());
    };
    for (let i = 0; i < 300 * slow && (await active()) < 10_000; i++) await sleep(50);
    expect(await active()).toBe(10_000);
    home.resume();
    expect(countBy(await answers, String)).toEqual({ 200: 10_000 });
    expect([home.count(), away.count()]).toEqual([10_000, 0]);
  } finally {
    home.resume();
    for (const session of sessions) session.destroy();
    await extra.envoy.stop();
  }
});

test("streams reset in every phase leave nothing behind", async () => {
  const { address, envoy } = mesh.caller("m1c1/sleep");
  for (let connection = 0; connection < 100; connection++) {
    // Few streams each: Envoy closes a connection on which it sees too many resets (CVE-2023-44487).
    const session = connect(`http://${address}`);
    session.on("error", () => {});
    for (let i = 0; i < 20; i++) {
      const stream = session.request({ ":authority": "reviews:9080", ":path": "/", ":method": "POST" });
      stream.on("error", () => {});
      if (i % 4 === 0) stream.close();
      else if (i % 4 === 1) setImmediate(() => stream.close());
      else if (i % 4 === 2) stream.once("response", () => stream.close());
      else stream.end("body");
    }
    await sleep(20);
    session.destroy();
  }
  await sleep(300);
  const answers = await many(mesh.caller("m1c1/sleep"), 100, { host: "reviews:9080" });
  expect(countBy(answers, ({ status, cluster }) => `${status} ${cluster}`)).toEqual({ "200 m1c1": 100 });
  expect(reviews("m1c2").count()).toBe(0);
  expect(envoy.log.join("\n")).not.toMatch(/RuntimeError|unreachable|abort/);
});

test("headers at Envoy's limits", async () => {
  const caller = mesh.caller("m1c1/sleep");
  const near = "x".repeat(14_000);
  // 60 KiB in all is Envoy's default limit.
  const headers: [string, string][] = [
    ["x-a", near],
    ["x-b", near],
    ["x-b", near],
    ...Array.from({ length: 80 }, (_, i): [string, string] => [`x-${i}`, "y"]),
  ];
  for (let i = 0; i < 20; i++) {
    expect(await caller.send({ host: "reviews:9080", headers })).toMatchObject({
      status: 200,
      cluster: "m1c1",
    });
  }
  const tooLarge = await caller.send({
    host: "reviews:9080",
    headers: [...headers, ["x-y", "z".repeat(40_000)]],
  });
  expect(tooLarge.status).toBe(431);
});

test("a VM that traps fails its request closed, and the next one is served by a fresh VM", async () => {
  const debug = fileURLToPath(new URL("../../build/cluster-local.debug.wasm", import.meta.url));
  const module = join(mesh.dir, "debug.wasm");
  await copyFile(debug, module);
  const extra: ExtraEnvoy = await startExtra(mesh, "m1c1/sleep", "faulty", ({ static_resources }) => {
    managerOf(static_resources.listeners[0]!).stat_prefix = "faulty";
  });
  try {
    const ecds = (await readFile(extra.ecds, "utf8")).replaceAll(/[^"\s]*cluster-local\.wasm/g, module);
    await watchDelivery(extra.envoy.admin, async () => {
      await writeFile(`${extra.ecds}.new`, ecds);
      await rename(`${extra.ecds}.new`, extra.ecds);
    });
    const ask = (headers = {}) => send({ address: extra.address, host: "reviews:9080", headers });
    expect(await ask()).toMatchObject({ status: 200, cluster: "m1c1" });
    for (let round = 0; round < 3; round++) {
      mesh.reset();
      expect((await ask({ "x-fault": "now" })).status).toBe(503);
      await sleep(300);
      const samples = await sendMany(30, () => ask());
      expect(countBy(samples, ({ answer }) => `${answer?.status} ${answer?.cluster}`)).toEqual({
        "200 m1c1": 30,
      });
      expect(reviews("m1c2").count()).toBe(0);
    }
    expect(extra.envoy.log.join("\n")).toContain("cluster_local: abort: a fault was ordered");
    const stats = await extra.envoy.admin.stats("wasm.cluster_local.vm_reload_success");
    expect([...stats.values()][0]).toBeGreaterThanOrEqual(3);
  } finally {
    await extra.envoy.stop();
  }
});

function status(stream: ClientHttp2Stream): Promise<number> {
  return new Promise((resolve, reject) => {
    stream.once("response", (headers) => {
      resolve(Number(headers[":status"]));
      stream.resume();
    });
    stream.once("error", reject);
    stream.end();
  });
}
