import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { HeaderList } from "../support/http-client.ts";
import { countBy } from "../support/load.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { many, policy, twoClusters } from "./two-clusters.ts";

const toOther = "m1c2";
const toNobody = "m1c9";

const forgeries: [string, HeaderList][] = [
  ["the other cluster", [["x-cluster-local", "m1c2"]]],
  ["the own cluster", [["x-cluster-local", "m1c1"]]],
  ["a cluster that is none", [["x-cluster-local", "m1c9"]]],
  ["an order for the other cluster", [["x-cluster-local-order", toOther]]],
  ["an order for nobody", [["x-cluster-local-order", toNobody]]],
  [
    "garbage",
    [
      ["x-cluster-local", "\t%00;,"],
      ["x-cluster-local-order", "%%%"],
    ],
  ],
  [
    "empty",
    [
      ["x-cluster-local", ""],
      ["x-cluster-local-order", ""],
    ],
  ],
  [
    "repeated",
    [
      ["x-cluster-local", "m1c2"],
      ["x-cluster-local", "m1c2"],
      ["x-cluster-local-order", toOther],
      ["x-cluster-local-order", toOther],
    ],
  ],
  [
    "several values in one",
    [
      ["x-cluster-local", "m1c2, m1c2"],
      ["x-cluster-local-order", `${toOther},${toOther}`],
    ],
  ],
  [
    "upper case",
    [
      ["X-CLUSTER-LOCAL", "M1C2"],
      ["X-Cluster-Local-Order", toOther],
    ],
  ],
  ["a whole cluster name", [["x-cluster-local-target", "reviews.default.svc.cluster.local:9080"]]],
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

function expectNoneReachedABackend(): void {
  for (const { received } of mesh.endpoints) {
    for (const { headers } of received) {
      for (const name of ["x-cluster-local", "x-cluster-local-order", "x-cluster-local-target"])
        expect(headers).not.toHaveProperty(name);
    }
  }
}

describe.each([true, false])("enabled: %s", (enabled) => {
  beforeAll(() => mesh.setPolicy(policy(rules, { enabled })));

  test.each(forgeries)("%s changes no outcome and reaches no backend", async (_, headers) => {
    const caller = mesh.caller("m1c1/sleep");
    for (const host of ["reviews:9080", "ratings:9080", "details:9080"]) {
      const answers = await many(caller, 60, { host, headers });
      expect(countBy(answers, ({ status }) => status)).toEqual({ 200: 60 });
    }
    if (enabled) expect(received("default/reviews")).toEqual([60, 0]);
    else expect(Math.min(...received("default/reviews"))).toBeGreaterThan(10);
    expect(Math.min(...received("default/ratings"))).toBeGreaterThan(10);
    expect(Math.min(...received("default/details"))).toBeGreaterThan(10);
    expectNoneReachedABackend();
  });
});
