import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { keepAliveAgent } from "../support/http-client.ts";
import { countBy, startLoad } from "../support/load.ts";
import { rollOut } from "../support/generate.ts";
import { slowdown } from "../support/machine.ts";
import { expectUpdates } from "../support/updates.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";

// Edits that add and remove Envoy clusters, orders and routes, as `generate envoy` delivers them, under load.

const clusters = ["m1c1", "m1c2", "m1c3"];
const policy = (rules: object[], fields: object = {}) => ({ version: 1, clusters, rules, ...fields });
const reviews = (rule: object) => ({ services: ["default/reviews"], ...rule });
const strict = reviews({ mode: "strict" });

/** One after the other: rules come, change what they pin to, get conditions, and go. */
const edits: [what: string, policy: object][] = [
  ["a first rule", policy([strict])],
  ["another service", policy([strict, { services: ["default/ratings"], mode: "strict" }])],
  ["prefer in place of strict", policy([reviews({ mode: "prefer" })])],
  ["another order", policy([reviews({ mode: "prefer", order: ["m1c3", "m1c2"] })])],
  ["strict again, by path", policy([reviews({ mode: "strict", paths: [{ prefix: "/" }] })])],
  [
    "an override",
    policy([strict], { override: { header: "x-send-to", allow: ["m1c2", "any"], from: ["default"] } }),
  ],
  ["the switch off", policy([strict], { enabled: false })],
  ["all services, and debug", policy([{ services: ["*"], mode: "strict" }], { debug: true })],
  ["no rule", policy([])],
];

vi.setConfig({ testTimeout: 60_000 * slowdown() });

let mesh: TestMesh;
beforeAll(async () => {
  const services = [{ service: "default/reviews" }, { service: "default/ratings" }];
  mesh = await startMesh({
    policy: policy([]),
    clusters: clusters.map((id) => ({ id, services, callers: id === "m1c1" ? [{ name: "sleep" }] : [] })),
  });
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

test("nine edits under 200 requests a second: none fails, and what both policies keep local never crosses", async () => {
  const caller = mesh.caller("m1c1/sleep");
  const agent = keepAliveAgent();
  const load = startLoad(200, (i) => caller.send({ host: i % 2 ? "reviews:9080" : "ratings:9080", agent }));
  const marks: { at: number; what: string; took: number }[] = [];
  for (const [what, edit] of edits) {
    const at = performance.now();
    await rollOut(mesh.dir, edit, mesh.inventory);
    marks.push({ at, what, took: performance.now() - at });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  const samples = await load.stop();
  agent.destroy();
  expect(countBy(samples, ({ answer, error }) => answer?.status ?? error!.message)).toEqual({
    200: samples.length,
  });
  // Between the end of the second edit and the start of the switch each policy keeps reviews local.
  const from = marks[1]!.at + marks[1]!.took;
  const to = marks.find(({ what }) => what === "the switch off")!.at;
  const kept = samples.filter(
    ({ sentAt, doneAt, answer }) =>
      sentAt > from && doneAt < to && answer!.backend.startsWith("default/reviews"),
  );
  expect(kept.length).toBeGreaterThan(500);
  expect(countBy(kept, ({ answer }) => answer!.cluster)).toEqual({ m1c1: kept.length });
  console.log(marks.map(({ what, took }) => `${what}: ${Math.round(took)} ms`).join("; "));
});

test("nothing is left of rules that are gone, and an edit that adds nothing takes no time", async () => {
  await rollOut(mesh.dir, policy([strict]), mesh.inventory);
  const { admin } = mesh.caller("m1c1/sleep").envoy;
  const taken = await expectUpdates(admin);
  const start = performance.now();
  const written = await rollOut(mesh.dir, policy([strict], { enabled: false }), mesh.inventory);
  expect(written).toEqual(["m1c1/sleep/cluster_local.yaml"]);
  expect(performance.now() - start).toBeLessThan(400 * slowdown());
  await taken(["cluster_local.yaml"]);
  await mesh.setPolicy(policy([]));
  const names = [...(await admin.clusters()).keys()];
  expect(names.sort()).toEqual([
    "outbound|9080||ratings.default.svc.cluster.local",
    "outbound|9080||reviews.default.svc.cluster.local",
  ]);
});
