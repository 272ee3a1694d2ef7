import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freeAddress } from "../../envoy/ports.ts";
import { startEnvoy, type EnvoyProcess } from "../../envoy/process.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { waitUntil } from "../../envoy/wait.ts";
import { startBackend, type Backend, type Reply } from "../support/backend.ts";
import { generateInto } from "../support/generate.ts";
import type { Received } from "../support/received.ts";
import { send } from "../support/http-client.ts";

/**
 * What the generator makes, on a real Envoy: the tags of the counters, the access log, and endpoints that are taken out, or
 * tried again, because of what they answer.
 */
const SERVICES = ["strict", "prefer", "observe", "off", "lonely", "retried"] as const;
type Name = (typeof SERVICES)[number];

const policy = {
  version: 1,
  clusters: ["m1c1", "m1c2"],
  override: { header: "x-send-to", allow: ["m1c2", "any"], from: ["default"] },
  rules: [
    { services: ["default/strict", "default/retried"], mode: "strict" },
    { services: ["default/prefer"], mode: "prefer" },
    { hosts: ["*.default.svc.cluster.local"], mode: "observe", callers: ["default/slee*"] },
    { services: ["default/off"], mode: "off" },
  ],
};

let dir: string;
let envoy: EnvoyProcess;
let listener: string;
const backends = new Map<string, Backend>();
/** What backends answer to all but health checks, by `<cluster>/<service>`; 200 unless said otherwise. */
const replies = new Map<string, Partial<Reply>>();

const backend = (cluster: string, service: Name) => backends.get(`${cluster}/${service}`)!;
const call = (service: Name, headers: Record<string, string> = {}) =>
  send({ address: listener, host: service, path: "/get?a=1", headers });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "cluster-local-evidence-"));
  listener = await freeAddress();
  const admin = await freeAddress();
  const clusters = ["m1c1", "m1c2"].map(async (id) => {
    const present = SERVICES.filter((name) => id !== "m1c1" || name !== "lonely");
    const services = present.map(async (name) => {
      const key = `${id}/${name}`;
      const reply = ({ path }: Received) => (path === "/health" ? {} : (replies.get(key) ?? {}));
      const started = await startBackend({ name: key, cluster: id, reply });
      backends.set(key, started);
      return {
        service: `default/${name}`,
        port: 80,
        healthCheck: { path: "/health" },
        ...(name === "retried" && { retries: { attempts: 3, retryOn: ["5xx"], perTryTimeout: "1s" } }),
        ...(name === "retried" && { outlierDetection: { consecutive5xx: 100 } }),
        endpoints: [started.address],
      };
    });
    const callers = [{ name: "sleep", namespace: "default", listener, admin, accessLog: join(dir, "log") }];
    return { id, services: await Promise.all(services), ...(id === "m1c1" && { callers }) };
  });
  const mesh = {
    version: 1,
    healthCheck: { interval: "0.2s", timeout: "1s" },
    outlierDetection: { consecutive5xx: 3, interval: "0.5s", baseEjectionTime: "3s" },
    clusters: await Promise.all(clusters),
  };
  generateInto(dir, policy, JSON.stringify(mesh));
  envoy = await startEnvoy({
    path: (await resolveEnvoy()).path,
    config: join(dir, "m1c1/sleep/envoy.yaml"),
    admin,
    args: ["--file-flush-interval-msec", "100"],
  });
  const healthy = async () =>
    [...(await envoy.admin.clusters()).values()].flat().every((endpoint) => endpoint.healthy);
  expect(await waitUntil(healthy)).toBe(true);
}, 120_000);

afterAll(async () => {
  await envoy.stop();
  await Promise.all([...backends.values()].map((backend) => backend.stop()));
  rmSync(dir, { recursive: true });
});

test("responses are counted by rule, mode, pin, the cluster that answered, and code", async () => {
  for (const service of ["strict", "prefer", "lonely"] as const) await call(service);
  for (let i = 0; i < 10; i++) await call("observe");
  await call("strict", { "x-send-to": "m1c2" });
  await call("strict", { "x-send-to": "elsewhere" });
  const lines = (await envoy.admin.prometheus())
    .split("\n")
    .filter((line) => /^(?:envoy_)?cluster_local_/.test(line));
  const observed = 'rule="*.default.svc.cluster.local",mode="observe",pin=""';
  expect(lines.sort()).toEqual([
    "cluster_local_override_allowed{} 1",
    "cluster_local_override_refused{} 1",
    "cluster_local_requests_observed{} 11",
    "cluster_local_requests_preferred{} 1",
    "cluster_local_requests_retained{} 3",
    `envoy_cluster_local_upstream{${observed},served_by="m1c1",code="200"} 5`,
    `envoy_cluster_local_upstream{${observed},served_by="m1c2",code="200"} 6`,
    'envoy_cluster_local_upstream{rule="default/prefer",mode="prefer",pin="m1c1,m1c2",served_by="m1c1",code="200"} 1',
    'envoy_cluster_local_upstream{rule="default/strict",mode="strict",pin="m1c1",served_by="m1c1",code="200"} 2',
    'envoy_cluster_local_upstream{rule="override",mode="override",pin="m1c2",served_by="m1c2",code="200"} 1',
  ]);
});

test("the access log has a line of JSON for each request", async () => {
  await call("strict", { "x-request-id": "one" });
  await call("off", { "x-request-id": "two" });
  replies.set("m1c1/strict", { status: 418 });
  await call("strict", { "x-request-id": "three" });
  replies.clear();
  await backend("m1c1", "strict").stop();
  await waitUntil(async () => (await call("strict", { "x-request-id": "four" })).body.includes("no healthy"));
  await backend("m1c1", "strict").start();
  const last = (id: string) => {
    const lines = readFileSync(join(dir, "log"), "utf8").trimEnd().split("\n");
    const all = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    return all.findLast(({ request_id }) => request_id === id);
  };
  await waitUntil(() => last("four")?.flags === "UH");
  expect(last("one")).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    method: "GET",
    authority: "strict",
    path: "/get?a=1",
    protocol: "HTTP/1.1",
    request_id: "one",
    status: 200,
    flags: "-",
    duration_ms: expect.any(Number) as number,
    attempts: 1,
    upstream_cluster: "outbound|80|m1c1|strict.default.svc.cluster.local",
    upstream_host: backend("m1c1", "strict").address,
    served_by: "m1c1",
    rule: "default/strict",
    mode: "strict",
    pin: "m1c1",
  });
  expect(last("two")).toMatchObject({ rule: "default/off", mode: "off", pin: null });
  expect(last("three")).toMatchObject({ status: 418, served_by: "m1c1" });
  expect(last("four")).toMatchObject({
    status: 503,
    flags: "UH",
    upstream_host: null,
    served_by: null,
    rule: "default/strict",
    mode: "strict",
    pin: "m1c1",
  });
});

test("an endpoint that fails its requests is taken out, though its health checks are good", async () => {
  replies.set("m1c1/prefer", { status: 500 });
  for (let i = 0; i < 3; i++) expect(await call("prefer")).toMatchObject({ status: 500, cluster: "m1c1" });
  const start = performance.now();
  // Longer than two health checks: those do not take it back.
  while (performance.now() - start < 1000) {
    expect(await call("prefer")).toMatchObject({ status: 200, cluster: "m1c2" });
  }
  replies.clear();
  expect(await waitUntil(async () => (await call("prefer")).cluster === "m1c1", { timeoutMs: 8000 })).toBe(
    true,
  );
});

test("a request that is tried again stays pinned", async () => {
  replies.set("m1c1/retried", { status: 503 });
  backend("m1c1", "retried").reset();
  expect(await call("retried")).toMatchObject({ status: 503, cluster: "m1c1" });
  replies.clear();
  expect(backend("m1c1", "retried").count()).toBe(4);
  expect(backend("m1c2", "retried").count()).toBe(0);
});
