import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callGrpc } from "../support/grpc.ts";
import type { HttpRequest } from "../support/http-client.ts";
import { countBy } from "../support/load.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { openWebSocket } from "../support/websocket.ts";
import { many, policy } from "./two-clusters.ts";

// Every kind of route that an inventory can have, at a gateway with the filter and at one without.

const rules = ["reviews", "echo"].map((name) => ({ services: [`default/${name}`], mode: "strict" }));
const to = (service: string, fields: object = {}) => ({ service: `default/${service}`, ...fields });
const routes = [
  { match: { exact: "/own" }, ...to("reviews", { cluster: "m1c1" }) },
  { match: { exact: "/other" }, ...to("reviews", { cluster: "m1c2" }) },
  { match: { exact: "/free" }, ...to("ratings", { cluster: "m1c2" }) },
  {
    match: { exact: "/weighted" },
    weighted: [to("reviews", { weight: 80 }), to("ratings", { weight: 20 })],
  },
  {
    match: { exact: "/canary" },
    weighted: [
      to("reviews", { weight: 50, cluster: "m1c1" }),
      to("reviews", { weight: 50, cluster: "m1c2" }),
    ],
  },
  { match: { exact: "/mirrored" }, ...to("ratings"), mirror: to("reviews") },
  { match: { exact: "/copied" }, ...to("ratings"), mirror: to("details", { cluster: "m1c2", percent: 50 }) },
  { match: { exact: "/moved" }, redirect: { path: "/elsewhere", host: "shop.example", code: 307 } },
  { match: { prefix: "/rewritten/" }, rewrite: "/", hostRewrite: "else.example", ...to("reviews") },
  { match: { prefix: "/echo.Echo/" }, ...to("echo") },
  { match: { prefix: "/" }, ...to("reviews") },
];

let mesh: TestMesh;
beforeAll(async () => {
  const services = [
    ...["reviews", "ratings", "details"].map((name) => ({ service: `default/${name}` })),
    { service: "default/echo", port: 9000, protocol: "grpc" as const },
  ];
  const gateway = { kind: "gateway" as const, routes };
  mesh = await startMesh({
    policy: policy(rules),
    clusters: [
      {
        id: "m1c1",
        services,
        callers: [
          { name: "edge", ...gateway, plugin: true },
          { name: "open", ...gateway },
        ],
      },
      { id: "m1c2", services },
    ],
  });
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

const received = (service: string) =>
  ["m1c1", "m1c2"].map((id) => mesh.endpoint(id, `default/${service}`).count());

async function statuses(path: string, count = 60, request: Partial<HttpRequest> = {}, gateway = "edge") {
  const answers = await many(mesh.caller(`m1c1/${gateway}`), count, {
    host: "shop.example",
    path,
    ...request,
  });
  return countBy(answers, ({ status }) => status);
}

test("a route that names a mesh cluster: the pin and the route both hold", async () => {
  expect(await statuses("/own")).toEqual({ 200: 60 });
  expect(received("reviews")).toEqual([60, 0]);
  expect(await statuses("/other")).toEqual({ 503: 60 });
  expect(received("reviews")).toEqual([60, 0]);
  expect(await statuses("/free")).toEqual({ 200: 60 });
  expect(received("ratings")).toEqual([0, 60]);
  expect(await statuses("/other", 20, {}, "open")).toEqual({ 200: 20 });
  expect(received("reviews")).toEqual([60, 20]);
});

test("weights: their share, and what is kept local of them at home", async () => {
  expect(await statuses("/weighted", 300)).toEqual({ 200: 300 });
  const [home, away] = received("reviews");
  expect(away).toBe(0);
  expect(home).toBeGreaterThan(205);
  expect(home).toBeLessThan(270);
  expect(Math.min(...received("ratings"))).toBeGreaterThan(10);
});

test("weights between the mesh clusters of one service: under strict the other cluster's share is refused", async () => {
  const { 200: served = 0, 503: refused = 0 } = await statuses("/canary", 100);
  expect(received("reviews")).toEqual([served, 0]);
  expect(refused).toBeGreaterThan(30);
});

test("weights without the filter", async () => {
  expect(await statuses("/weighted", 300, {}, "open")).toEqual({ 200: 300 });
  const [home, away] = received("reviews") as [number, number];
  expect(Math.min(home, away)).toBeGreaterThan(80);
  expect(home + away).toBeGreaterThan(205);
});

test("a mirror of a service kept local goes local; another where the route says", async () => {
  expect(await statuses("/mirrored")).toEqual({ 200: 60 });
  expect(Math.min(...received("ratings"))).toBeGreaterThan(10);
  await expect.poll(() => received("reviews")).toEqual([60, 0]);
  expect(await statuses("/copied", 100)).toEqual({ 200: 100 });
  expect(received("details")[0]).toBe(0);
  expect(received("details")[1]).toBeGreaterThan(25);
  expect(received("details")[1]).toBeLessThan(75);
});

test("a redirect, a rewritten path and host", async () => {
  const caller = mesh.caller("m1c1/edge");
  const moved = await caller.send({ host: "a.example", path: "/moved?x=1" });
  expect(moved).toMatchObject({ status: 307, headers: { location: "http://shop.example/elsewhere?x=1" } });
  expect(await statuses("/rewritten/a")).toEqual({ 200: 60 });
  expect(received("reviews")).toEqual([60, 0]);
  expect(mesh.endpoint("m1c1", "default/reviews").count({ authority: "else.example", path: "/a" })).toBe(60);
});

test("gRPC and WebSocket", async () => {
  const { address } = mesh.caller("m1c1/edge");
  for (let i = 0; i < 20; i++) {
    expect((await callGrpc({ address, host: "shop.example", path: "/echo.Echo/Say" })).grpcStatus).toBe(0);
    const socket = await openWebSocket({ address, host: "shop.example", path: "/chat" });
    expect(socket.cluster).toBe("m1c1");
    socket.close();
  }
  expect(received("echo")).toEqual([20, 0]);
  expect(received("reviews")).toEqual([20, 0]);
});
