import { describe, expect, test } from "vitest";
import { Host, type Headers } from "../../src/wasm/host.ts";
import { answer, module, node, ratings, reviews, send, start, strict } from "./support.ts";

const order = "Mi4KFSoTChEKB2NsdXN0ZXISBhoEbTFjMQoVKhMKEQoHY2x1c3RlchIGGgRtMWMy"; // [m1c1, m1c2]
const forgeries: [string, Headers][] = [
  ["the other cluster", [["x-cluster-local", "m1c2"]]],
  ["the own cluster", [["x-cluster-local", "m1c1"]]],
  ["an order", [["x-cluster-local-order", order]]],
  ["garbage", [["x-cluster-local-order", "%%%"]]],
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
      ["x-cluster-local-order", order],
      ["x-cluster-local-order", order],
    ],
  ],
  [
    "upper case",
    [
      ["X-Cluster-Local", "m1c2"],
      ["X-CLUSTER-LOCAL-ORDER", order],
    ],
  ],
];

describe("what a client sends under the filter's names is gone", () => {
  test.each(forgeries)("%s", (_, headers) => {
    const { host, root } = start(strict);
    const retained = send(host, root, reviews, headers);
    expect(retained.values("x-cluster-local")).toEqual(["m1c1"]);
    expect(retained.values("x-cluster-local-order")).toEqual([]);
    const other = send(host, root, ratings, headers);
    expect(other.values("x-cluster-local")).toEqual([]);
    expect(other.values("x-cluster-local-order")).toEqual([]);
    expect(host.counters.get("cluster_local.forged")).toBeGreaterThan(0);
  });

  test.each(forgeries)("%s, disabled", (_, headers) => {
    const { host, root } = start({ ...strict, enabled: false });
    for (const cluster of [reviews, ratings]) {
      const stream = send(host, root, cluster, headers);
      expect(stream.values("x-cluster-local")).toEqual([]);
      expect(stream.values("x-cluster-local-order")).toEqual([]);
    }
  });

  describe.each([true, false])("pin.via route, enabled: %s", (enabled) => {
    const names = ["x-cluster-local", "x-cluster-local-order", "x-cluster-local-target"];
    test.each<[string, Headers]>([
      ...forgeries,
      ["a whole cluster name", [["x-cluster-local-target", ratings]]],
      ["all names at once", names.map((name) => [name, "m1c2"])],
      ["names that only begin so", [["x-cluster-local-", "kept"]]],
      ["what does not fit into the block for what the host hands over", [[names[1]!, "x".repeat(60_000)]]],
    ])("%s", (_, headers) => {
      const { host, root } = start({ ...strict, enabled, pin: { via: "route" } });
      for (const cluster of [reviews, ratings]) {
        const stream = send(host, root, cluster, [...headers]);
        const pinned = enabled && cluster === reviews;
        expect(names.map((name) => stream.values(name))).toEqual([pinned ? ["m1c1"] : [], [], []]);
        expect(stream.values("x-cluster-local-")).toEqual(
          headers[0]![0] === "x-cluster-local-" ? ["kept"] : [],
        );
      }
      if (headers[0]![1] !== "kept") expect(host.counters.get("cluster_local.forged")).toBeGreaterThan(0);
    });
  });

  test("under names of one's own", () => {
    const { host, root } = start({ ...strict, pin: { headers: { cluster: "x-mine", order: "x-mine-too" } } });
    const stream = send(host, root, reviews, [
      ["x-mine", "m1c2"],
      ["x-mine-too", order],
      ["x-cluster-local", "kept"],
    ]);
    expect(stream.values("x-mine")).toEqual(["m1c1"]);
    expect(stream.values("x-mine-too")).toEqual([]);
    expect(stream.values("x-cluster-local")).toEqual(["kept"]);
  });

  test("pin.via cluster: a forged target does not even tell where the request goes", () => {
    const { host, root } = start({ ...strict, pin: { via: "cluster" } });
    const headers: Headers = [
      [":authority", "reviews"],
      ["x-cluster-local-target", ratings],
    ];
    const stream = host.open(root, headers, {
      "xds.cluster_name": ratings,
      "xds.virtual_host_name": "reviews.default.svc.cluster.local:9080",
    });
    expect(stream.request().values("x-cluster-local-target")).toEqual([
      "outbound|9080|m1c1|reviews.default.svc.cluster.local",
    ]);
  });
});

describe("modes", () => {
  const rules = [
    { services: ["default/reviews"], mode: "prefer", order: ["m1c2"] },
    { services: ["default/ratings"], mode: "observe" },
    { services: ["default/details"], mode: "off" },
  ];
  test("prefer sets the order, and only that", () => {
    const { host, root } = start({ version: 1, rules });
    const stream = send(host, root, reviews, [["x-cluster-local", "m1c2"]]);
    expect(stream.values("x-cluster-local-order")).toEqual([order]);
    expect(stream.values("x-cluster-local")).toEqual([]);
    expect(host.counters.get("cluster_local.requests.preferred")).toBe(1);
  });

  test.each([
    ["observed", ratings, "observe", "default/ratings"],
    ["bypassed", "outbound|9080||details.default.svc.cluster.local", "off", "default/details"],
  ])("%s requests are left alone and counted", (decision, cluster, mode, rule) => {
    const { host, root } = start({ version: 1, rules });
    const stream = answer(send(host, root, cluster), "m1c2");
    expect(stream.headers).toHaveLength(2);
    expect(host.counters.get(`cluster_local.requests.${decision}`)).toBe(1);
    expect(host.counters.get(`cluster_local.upstream.remote.rule=.=${rule};.;mode=.=${mode};.;`)).toBe(1);
    expect(host.counters.get("cluster_local.leaked")).toBeUndefined();
  });
});

describe("where the destination comes from", () => {
  test.each([
    [
      "the route's cluster",
      { "xds.cluster_name": reviews, "xds.virtual_host_name": "ratings.default.svc.cluster.local:9080" },
    ],
    [
      "the virtual host",
      { "xds.cluster_name": "reviews", "xds.virtual_host_name": "reviews.default.svc.cluster.local:9080" },
    ],
    ["the authority", { "xds.virtual_host_name": "allow_any" }],
    ["the authority, nothing else being known", {}],
  ])("%s", (_, properties) => {
    const { host, root } = start(strict);
    const stream = host.open(root, [[":authority", "reviews:9080"]], { ...properties }).request();
    expect(stream.values("x-cluster-local")).toEqual(["m1c1"]);
  });

  test("the passthrough cluster is no service", () => {
    const { host, root } = start(strict);
    expect(send(host, root, "PassthroughCluster").values("x-cluster-local")).toEqual([]);
  });
});

describe("evidence", () => {
  test.each([
    ["m1c1", "local"],
    ["m1c2", "remote"],
    [undefined, "unknown"],
    [null, "none"],
  ] as const)("an answer from %s is %s", (cluster, where) => {
    const { host, root } = start(strict);
    const stream = answer(send(host, root, reviews), cluster);
    expect(
      host.counters.get(`cluster_local.upstream.${where}.rule=.=default/reviews;.;mode=.=strict;.;`),
    ).toBe(1);
    expect(stream.filterState["wasm.cluster_local"]).toBe(`mode=strict;rule=default/reviews;where=${where}`);
  });

  test("with routes, the endpoint's cluster is the last part of Istio's workload", () => {
    const key = "xds.upstream_host_metadata.filter_metadata.istio.workload";
    for (const [workload, where] of [
      ["reviews-v1;default;reviews;v1;m1c1", "local"],
      [";;;;m1c2", "remote"],
      ["x", "none"],
    ]) {
      const { host, root } = start({ ...strict, pin: { via: "route" } });
      const stream = send(host, root, reviews).response({ [key]: workload! });
      expect(stream.filterState["wasm.cluster_local"]).toContain(`where=${where}`);
    }
  });

  test("a leak is counted each time, and told at most every ten seconds", () => {
    const { host, root } = start(strict);
    host.time = 1_000_000_000_000n;
    const warnings = () => host.log.filter((line) => line.startsWith("warn"));
    for (let i = 0; i < 5; i++) answer(send(host, root, reviews), "m1c2").end();
    expect(host.counters.get("cluster_local.leaked")).toBe(5);
    expect(warnings()).toEqual([
      "warn: cluster_local: 1 strict responses from another cluster, last m1c2, rule default/reviews",
    ]);
    host.time += 10_000_000_000n;
    answer(send(host, root, reviews), "m1c2").end();
    expect(warnings()[1]).toContain("5 strict responses");
  });

  test("debug shows the decision in the response", () => {
    const { host, root } = start({ ...strict, debug: true });
    const header = (stream: { responseHeaders: Headers }) => stream.responseHeaders.map(([, value]) => value);
    expect(header(answer(send(host, root, reviews), "m1c1"))).toEqual([
      "strict; rule=default/reviews; local=m1c1; served-by=m1c1",
    ]);
    expect(header(answer(send(host, root, ratings), "m1c2"))).toEqual([
      "untouched; local=m1c1; served-by=m1c2",
    ]);
    expect(header(answer(send(host, root, reviews), null))).toEqual([
      "strict; rule=default/reviews; local=m1c1; served-by=none",
    ]);
  });
});

test("the configuration's localCluster comes before the node's", () => {
  const { host, root } = start({ ...strict, localCluster: "m1c9" });
  expect(send(host, root, reviews).values("x-cluster-local")).toEqual(["m1c9"]);
});

test("no local cluster anywhere, or one that is no text: refused with the reason", () => {
  for (const properties of [{}, { ...node, "xds.node.metadata.CLUSTER_ID": "\0\0\0\0\0\0\u0000A" }]) {
    const host = Host.start(module, properties);
    expect(host.root(JSON.stringify(strict)).accepted).toBe(false);
    expect(host.log.join()).toContain("error: cluster_local: configuration refused: localCluster: missing");
  }
});
