import { expect, test } from "vitest";
import { Governor } from "../../src/console/governed.ts";
import type { PlacedService, Topology } from "../../src/console/topology.ts";
import { trafficOf } from "../../src/console/traffic.ts";
import { orThrow, parsePolicy, type Flow } from "../../src/index.ts";
import { slowdown } from "../support/machine.ts";
import { flow, sample } from "./samples.ts";

const clusters = ["a", "b"];
const policy = "version: 1\nclusters: [a, b]\nrules: [{services: [shop/s1], mode: strict}]\n";
const governor = new Governor(orThrow(parsePolicy(policy, "policy.yaml")));

function topology(count: number): Topology {
  const services = Array.from({ length: count }, (_, i): PlacedService => {
    const places = new Map(clusters.map((cluster) => [cluster, { endpoints: 1 }]));
    return { id: `shop/s${i}`, namespace: "shop", name: `s${i}`, places };
  });
  return { clusters, services, proxies: [{ admin: "127.0.0.1:1", caller: undefined }] };
}

const look = (mesh: Topology, before: Flow[], now: Flow[]) =>
  trafficOf(
    mesh,
    [{ proxy: mesh.proxies[0]!, rated: sample(0, before), later: sample(2000, now) }],
    governor,
  );

test("an arrow says where it goes and which rule is for it; a service without arrows is a box in a small mesh", () => {
  const { arrows, boxes, totals, hidden } = look(
    topology(3),
    [flow("shop/s1", "a", 10), flow("shop/s2", "b", 0)],
    [flow("shop/s1", "a", 20), flow("shop/s2", "b", 4), flow("shop/s0", "b", 0)],
  );
  expect(
    arrows.map(({ id, place, requestsPerSecond, governed }) => ({ id, place, requestsPerSecond, governed })),
  ).toEqual([
    {
      id: "a/shop/page shop/s1:80 a",
      place: "local",
      requestsPerSecond: 5,
      governed: { mode: "strict", rule: "shop/s1" },
    },
    { id: "a/shop/page shop/s2:80 b", place: "remote", requestsPerSecond: 2, governed: { mode: "none" } },
  ]);
  expect(boxes.map(({ id }) => id).sort()).toEqual([
    "a/shop/page",
    ...clusters.flatMap((cluster) => [0, 1, 2].map((i) => `${cluster}/shop/s${i}`)),
  ]);
  expect(totals).toEqual({
    localPerSecond: 5,
    remotePerSecond: 2,
    remoteBytesPerSecond: 0,
    leaked: 0,
  });
  expect(hidden).toBe(0);
});

test("what goes nobody knows where is neither local nor remote", () => {
  const traffic = look(
    topology(1),
    [flow("api.example.com", undefined, 0)],
    [flow("api.example.com", undefined, 8)],
  );
  expect(traffic.arrows).toMatchObject([{ place: "unknown", to: "?/api.example.com" }]);
  expect(traffic.boxes).toContainEqual({
    id: "?/api.example.com",
    cluster: "?",
    namespace: "",
    name: "api.example.com",
    kind: "service",
  });
  expect(traffic.totals).toMatchObject({ localPerSecond: 0, remotePerSecond: 0 });
  expect(traffic.clusters).toEqual(["a", "b", "?"]);
});

test("an endpoint is healthy when it is to each proxy", () => {
  const mesh = {
    ...topology(1),
    proxies: [1, 2].map((i) => ({ admin: `127.0.0.1:${i}`, caller: undefined })),
  };
  const looks = mesh.proxies.map((proxy, i) => ({
    proxy,
    later: sample(0, [flow("shop/s0", "b", 1, { endpoints: 3, healthy: 2 + i })]),
  }));
  expect(trafficOf(mesh, looks, governor).boxes.find(({ id }) => id === "b/shop/s0")).toMatchObject({
    endpoints: 3,
    healthy: 2,
  });
});

test("a proxy that does not answer is told, and has no arrows", () => {
  const mesh = topology(1);
  const { proxies, arrows } = trafficOf(
    mesh,
    [{ proxy: mesh.proxies[0]!, error: "nobody answers" }],
    governor,
  );
  expect(proxies).toMatchObject([{ admin: "127.0.0.1:1", error: "nobody answers" }]);
  expect(arrows).toEqual([]);
});

test("of 10,000 services those are drawn that are called most, in little time", () => {
  const mesh = topology(10_000);
  const flows = mesh.services.flatMap(({ id }, i) =>
    clusters.map((to) => flow(id, to, i < 100 ? 1000 - i : 0)),
  );
  const start = performance.now();
  const { boxes, arrows, hidden } = look(mesh, flows, flows);
  expect(performance.now() - start).toBeLessThan(500 * slowdown());
  expect(arrows).toHaveLength(200);
  expect(hidden).toBe(9970);
  expect(boxes.filter(({ kind }) => kind === "service")).toHaveLength(60);
  expect(boxes.some(({ name }) => name === "s29") && !boxes.some(({ name }) => name === "s30")).toBe(true);
});
