import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { callGrpc } from "../support/grpc.ts";
import { countBy } from "../support/load.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { openWebSocket } from "../support/websocket.ts";
import { many, policy, twoClusters } from "./two-clusters.ts";

let mesh: TestMesh;
beforeAll(async () => {
  const services = [
    { service: "default/reviews" },
    { service: "default/ratings" },
    { service: "payments/ledger" },
    { service: "default/echo", port: 9000, protocol: "grpc" as const },
  ];
  const spec = twoClusters(policy([]), services);
  const lonely = { service: "default/lonely", backends: 0 };
  spec.clusters = [
    { ...spec.clusters[0]!, services: [...services, lonely] },
    { ...spec.clusters[1]!, services: [...services, { ...lonely, backends: 1 }] },
  ];
  mesh = await startMesh(spec);
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

/** How many requests each cluster's endpoint of a service got. */
const received = (service: string) => [
  mesh.endpoint("m1c1", service).count(),
  mesh.endpoint("m1c2", service).count(),
];

/** 100 requests from each caller. */
async function fromBoth(host: string): Promise<void> {
  for (const id of ["m1c1/sleep", "m1c2/sleep"]) await many(mesh.caller(id), 100, { host });
}

test("without a rule, each caller reaches both clusters", async () => {
  await mesh.setPolicy(policy([]));
  for (const id of ["m1c1/sleep", "m1c2/sleep"]) {
    mesh.reset();
    await many(mesh.caller(id), 100, { host: "reviews:9080" });
    expect(Math.min(...received("default/reviews"))).toBeGreaterThan(20);
  }
});

describe("with default/reviews retained", () => {
  beforeAll(() => mesh.setPolicy(policy([{ services: ["default/reviews"], mode: "strict" }])));

  test.each([
    "reviews",
    "reviews:9080",
    "reviews.default",
    "reviews.default.svc:9080",
    "reviews.default.svc.cluster.local:9080",
    "Reviews.Default:9080",
  ])("called as %s, it is answered at home, 200 of 200", async (host) => {
    const caller = mesh.caller("m1c1/sleep");
    const answers = await many(caller, 200, { host });
    expect(countBy(answers, ({ status, cluster }) => `${status} ${cluster}`)).toEqual({ "200 m1c1": 200 });
    expect(received("default/reviews")).toEqual([200, 0]);
    await many(mesh.caller("m1c2/sleep"), 200, { host });
    expect(received("default/reviews")).toEqual([200, 200]);
  });

  test("other services still reach both clusters", async () => {
    await many(mesh.caller("m1c1/sleep"), 100, { host: "ratings:9080" });
    expect(Math.min(...received("default/ratings"))).toBeGreaterThan(20);
  });

  test("a WebSocket upgrade is pinned", async () => {
    const { address } = mesh.caller("m1c1/sleep");
    for (let i = 0; i < 20; i++) {
      const socket = await openWebSocket({ address, host: "reviews:9080", path: "/chat" });
      expect(socket.cluster).toBe("m1c1");
      expect(await socket.ask("hello")).toContain("hello");
      socket.close();
    }
    expect(mesh.endpoint("m1c1", "default/reviews").count({ protocol: "websocket" })).toBe(20);
    expect(received("default/reviews")).toEqual([20, 0]);
  });

  test("no header of the filter reaches a backend", async () => {
    await fromBoth("reviews:9080");
    await fromBoth("ratings:9080");
    const headers = mesh.endpoints.flatMap((endpoint) =>
      endpoint.received.flatMap(({ headers }) => Object.keys(headers)),
    );
    expect(headers.filter((name) => /cluster.?local/.test(name))).toEqual([]);
  });
});

test("gRPC is pinned", async () => {
  await mesh.setPolicy(policy([{ services: ["default/echo"], mode: "strict" }]));
  const { address } = mesh.caller("m1c2/sleep");
  for (let i = 0; i < 40; i++) {
    const { grpcStatus } = await callGrpc({ address, host: "echo:9000", path: "/echo.Echo/Say" });
    expect(grpcStatus).toBe(0);
  }
  expect(received("default/echo")).toEqual([0, 40]);
});

test("a namespace, a host and everything", async () => {
  for (const rule of [
    { services: ["payments/*"] },
    { hosts: ["*.payments.svc.cluster.local"] },
    { services: ["*"] },
    { hosts: ["*"] },
  ]) {
    await mesh.setPolicy(policy([{ ...rule, mode: "strict" }]));
    mesh.reset();
    await many(mesh.caller("m1c1/sleep"), 50, { host: "ledger.payments:9080" });
    expect(received("payments/ledger"), JSON.stringify(rule)).toEqual([50, 0]);
  }
});

test("everything but what a more specific rule excludes", async () => {
  await mesh.setPolicy(
    policy([
      { services: ["*"], mode: "strict" },
      { services: ["default/ratings"], mode: "off" },
    ]),
  );
  await fromBoth("reviews:9080");
  await fromBoth("ratings:9080");
  expect(received("default/reviews")).toEqual([100, 100]);
  expect(Math.min(...received("default/ratings"))).toBeGreaterThan(50);
});

test("a service that exists only in the other cluster: 503 while retained, 200 when not", async () => {
  const caller = mesh.caller("m1c1/sleep");
  await mesh.setPolicy(policy([{ services: ["default/lonely"], mode: "strict" }]));
  expect(countBy(await many(caller, 50, { host: "lonely" }), ({ status }) => status)).toEqual({ 503: 50 });
  expect(mesh.endpoint("m1c2", "default/lonely").count()).toBe(0);
  await mesh.setPolicy(policy([{ services: ["default/lonely"], mode: "strict" }], { enabled: false }));
  expect(countBy(await many(caller, 50, { host: "lonely" }), ({ status }) => status)).toEqual({ 200: 50 });
});
