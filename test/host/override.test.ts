import { describe, expect, test } from "vitest";
import type { Headers, Host } from "../../src/wasm/host.ts";
import { answer, node, ratings, reviews, send, start, strict } from "./support.ts";

const override = { header: "x-send-to", allow: ["local", "any", "m1c2"], from: ["ops", "default"] };
const trusting = { ...strict, override };
const ask = (value: string): Headers => [["X-Send-To", value]];

/** The counters of requests and overrides, without their common beginning. */
function counters(host: Host): Record<string, number> {
  const ours = [...host.counters].filter(([name]) => !name.includes("upstream"));
  return Object.fromEntries(ours.map(([name, count]) => [name.replace("cluster_local.", ""), count]));
}

describe("an override that is allowed", () => {
  test.each([
    ["m1c2", reviews, ["m1c2"], "retained"],
    ["m1c2", ratings, ["m1c2"], "retained"],
    ["local", ratings, ["m1c1"], "retained"],
    ["any", reviews, [], "bypassed"],
    ["any", ratings, [], "bypassed"],
  ])("%s, to %s: pinned to %j", (value, cluster, pin, decision) => {
    const { host, root } = start(trusting);
    const stream = send(host, root, cluster, ask(value));
    expect(stream.values("x-cluster-local")).toEqual(pin);
    expect(stream.values("x-cluster-local-order")).toEqual([]);
    expect(stream.values("x-send-to")).toEqual([]);
    expect(counters(host)).toEqual({ [`requests.${decision}`]: 1, "override.allowed": 1 });
  });

  test("is evidence of its own, and a leak where another cluster answers than was asked for", () => {
    const { host, root } = start({ ...trusting, debug: true });
    const name = (where: string) => `cluster_local.upstream.${where}.rule=.=override;.;mode=.=override;.;`;
    const kept = answer(send(host, root, reviews, ask("m1c2")), "m1c2");
    expect(kept.filterState["wasm.cluster_local"]).toBe("mode=override;rule=override;where=remote");
    expect(kept.responseHeaders).toEqual([
      ["x-cluster-local-decision", "override; rule=override; local=m1c1; served-by=m1c2"],
    ]);
    expect(host.counters.get(name("remote"))).toBe(1);
    expect(host.counters.has("cluster_local.leaked")).toBe(false);
    answer(send(host, root, reviews, ask("m1c2")), "m1c1");
    expect(host.counters.get(name("local"))).toBe(1);
    expect(host.counters.get("cluster_local.leaked")).toBe(1);
    answer(send(host, root, reviews, ask("any")), "m1c3");
    expect(host.counters.get("cluster_local.leaked")).toBe(1);
  });

  test("comes before prefer, observe, off and conditions", () => {
    for (const rule of [
      { mode: "prefer", order: ["m1c3"] },
      { mode: "observe" },
      { mode: "off" },
      { mode: "strict", methods: ["PUT"] },
      { mode: "strict", percent: 0 },
    ]) {
      const rules = [{ services: ["default/reviews"], ...rule }];
      const { host, root } = start({ version: 1, override, rules });
      const stream = send(host, root, reviews, [...ask("m1c2"), ["x-cluster-local-order", "forged"]]);
      expect(stream.values("x-cluster-local")).toEqual(["m1c2"]);
      expect(stream.values("x-cluster-local-order")).toEqual([]);
    }
  });

  test("under pin.via route it is the same header, under cluster the cluster's whole name", () => {
    const route = start({ ...trusting, pin: { via: "route" } });
    expect(send(route.host, route.root, ratings, ask("m1c2")).values("x-cluster-local")).toEqual(["m1c2"]);
    const { host, root } = start({ ...trusting, pin: { via: "cluster" } });
    expect(send(host, root, ratings, ask("m1c2")).values("x-cluster-local-target")).toEqual([
      "outbound|9080|m1c2|ratings.default.svc.cluster.local",
    ]);
  });

  test("pins a request that goes to no service at all", () => {
    const { host, root } = start(trusting);
    expect(send(host, root, "PassthroughCluster", ask("local")).values("x-cluster-local")).toEqual(["m1c1"]);
  });

  test("under pin.via cluster, a request that goes to no service has no name to go by: no override", () => {
    const { host, root } = start({ ...trusting, pin: { via: "cluster" } });
    const stream = answer(send(host, root, "PassthroughCluster", ask("local")), "m1c2");
    expect(stream.values("x-cluster-local-target")).toEqual([]);
    expect(stream.values("x-send-to")).toEqual([]);
    expect(host.counters.has("cluster_local.requests.retained")).toBe(false);
    expect(host.counters.has("cluster_local.leaked")).toBe(false);
    expect(stream.filterState).toEqual({});
  });
});

describe("an override that is not allowed is taken off and counted, and changes nothing else", () => {
  test.each(["m1c1", "m1c3", "LOCAL", "", "m1c2 ", "any,local", "x".repeat(60_000)])("%j", (value) => {
    const { host, root } = start(trusting);
    const retained = send(host, root, reviews, ask(value));
    expect(retained.values("x-cluster-local")).toEqual(["m1c1"]);
    const other = send(host, root, ratings, ask(value));
    expect(other.values("x-cluster-local")).toEqual([]);
    for (const stream of [retained, other]) expect(stream.values("x-send-to")).toEqual([]);
    expect(counters(host)).toEqual({ "requests.retained": 1, "override.refused": 2 });
  });

  test.each([
    ["another namespace", { ...node, "xds.node.metadata.NAMESPACE": "shop" }],
    ["no namespace", { "xds.node.metadata.CLUSTER_ID": "m1c1" }],
    ["a namespace that is none", { ...node, "xds.node.metadata.NAMESPACE": "\x01\0\0" }],
  ])("from %s", (_, properties) => {
    const { host, root } = start(trusting, properties);
    for (const value of override.allow) {
      const stream = send(host, root, reviews, ask(value));
      expect(stream.values("x-cluster-local")).toEqual(["m1c1"]);
      expect(stream.values("x-send-to")).toEqual([]);
    }
    expect(counters(host)).toEqual({ "requests.retained": 3, "override.refused": 3 });
  });

  test("disabled", () => {
    const { host, root } = start({ ...trusting, enabled: false });
    const stream = send(host, root, reviews, ask("m1c2"));
    expect(stream.values("x-send-to")).toEqual([]);
    expect(stream.values("x-cluster-local")).toEqual([]);
    expect(counters(host)).toEqual({ "override.refused": 1 });
  });

  test("several values: the first is obeyed or refused, all go", () => {
    const { host, root } = start(trusting);
    const stream = send(host, root, reviews, [...ask("m1c2"), ...ask("any"), ["x-send-to", "local"]]);
    expect(stream.values("x-cluster-local")).toEqual(["m1c2"]);
    expect(stream.values("x-send-to")).toEqual([]);
  });
});

test("without override in the configuration, such a header is just a header", () => {
  const { host, root } = start(strict);
  const stream = send(host, root, reviews, ask("m1c2"));
  expect(stream.values("x-send-to")).toEqual(["m1c2"]);
  expect(stream.values("x-cluster-local")).toEqual(["m1c1"]);
  expect(counters(host)).toEqual({ "requests.retained": 1 });
});

test("host calls: a look for the header, and two more where it is there", () => {
  const { host, root } = start(trusting);
  const calls = (cluster: string, headers: Headers = []) => {
    send(host, root, cluster, headers).end();
    host.takeCalls();
    send(host, root, cluster, headers);
    return host.takeCalls().map(({ name, args }) => `${name} ${args.at(-1)}`);
  };
  const look = "get_header_map_value x-send-to";
  const left = [
    "get_property xds.cluster_name",
    "get_header_map_value x-cluster-local",
    "get_header_map_value x-cluster-local-order",
  ];
  expect(calls(ratings)).toEqual([look, ...left]);
  expect(calls(ratings, ask("m1c9"))).toEqual([
    look,
    "remove_header_map_value x-send-to",
    "increment_metric cluster_local.override.refused",
    ...left,
  ]);
  expect(calls(reviews, ask("m1c2"))).toEqual([
    look,
    "remove_header_map_value x-send-to",
    "increment_metric cluster_local.override.allowed",
    "get_property xds.cluster_name",
    "replace_header_map_value x-cluster-local",
    "get_header_map_value x-cluster-local-order",
    "increment_metric cluster_local.requests.retained",
  ]);
});
