import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { HeaderList } from "../support/http-client.ts";
import { countBy } from "../support/load.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { many, policy, twoClusters } from "./two-clusters.ts";

// No header carries the pin: one that looks as if it did is a header like any other, and passes.

const forgeries: [string, HeaderList][] = [
  ["the other cluster", [["cluster_local_pin", "m1c2"]]],
  ["the key of the filter state", [["wasm.cluster_local_pin", "m1c2"]]],
  [
    "garbage, empty, and twice",
    [
      ["wasm.cluster_local_pin", "\t%00;,"],
      ["wasm.cluster_local_pin", ""],
      ["cluster_local_pin", "*"],
    ],
  ],
  ["upper case", [["WASM.CLUSTER_LOCAL_PIN", "M1C2"]]],
  ["a whole cluster name", [["x-envoy-cluster", "outbound|9080|m1c2|reviews.default.svc.cluster.local"]]],
  ["the debug header", [["x-cluster-local-decision", "off"]]],
];

const rules = [
  { services: ["default/reviews"], mode: "strict" },
  { services: ["default/details"], mode: "off" },
];

let mesh: TestMesh;
beforeAll(async () => {
  const services = ["default/reviews", "default/ratings", "default/details"].map((service) => ({ service }));
  mesh = await startMesh(twoClusters(policy(rules), services));
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

const received = (service: string) => [
  mesh.endpoint("m1c1", service).count(),
  mesh.endpoint("m1c2", service).count(),
];

describe.each([true, false])("enabled: %s", (enabled) => {
  beforeAll(() => mesh.setPolicy(policy(rules, { enabled })));

  test.each(forgeries)("%s changes no outcome", async (_, headers) => {
    const caller = mesh.caller("m1c1/sleep");
    for (const host of ["reviews:9080", "ratings:9080", "details:9080"]) {
      const answers = await many(caller, 60, { host, headers });
      expect(countBy(answers, ({ status }) => status)).toEqual({ 200: 60 });
    }
    if (enabled) expect(received("default/reviews")).toEqual([60, 0]);
    else expect(Math.min(...received("default/reviews"))).toBeGreaterThan(10);
    expect(Math.min(...received("default/ratings"))).toBeGreaterThan(10);
    expect(Math.min(...received("default/details"))).toBeGreaterThan(10);
    const [name] = headers[0]!;
    for (const { received } of mesh.endpoints) {
      for (const { headers } of received) expect(headers).toHaveProperty([name.toLowerCase()]);
    }
  });
});

test("a query of another cluster in the path, or its name in the host, is no pin", async () => {
  await mesh.setPolicy(policy(rules));
  const caller = mesh.caller("m1c1/sleep");
  await many(caller, 40, { host: "reviews:9080", path: "/?cluster=m1c2&wasm.cluster_local_pin=m1c2" });
  expect(received("default/reviews")).toEqual([40, 0]);
  const answers = await many(caller, 10, { host: "m1c2.reviews.default.svc.cluster.local:9080" });
  expect(countBy(answers, ({ status }) => status)).toEqual({ 404: 10 });
});
