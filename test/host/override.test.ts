import { describe, expect, test } from "vitest";
import type { Headers } from "../../src/wasm/host.ts";
import { callsOf, counters, node, ratings, reviews, send, start, strict } from "./support.ts";

const override = { header: "x-send-to", allow: ["local", "any", "m1c2"], from: ["ops", "default"] };
const trusting = { ...strict, override };
const ask = (value: string): Headers => [["X-Send-To", value]];

describe("an override that is allowed", () => {
  test.each([
    ["m1c2", reviews, "m1c2", "retained"],
    ["m1c2", ratings, "m1c2", "retained"],
    ["local", ratings, "m1c1", "retained"],
    ["any", reviews, "*", "bypassed"],
    ["any", ratings, "*", "bypassed"],
  ])("%s, to %s: pinned to %s", (value, cluster, pin, decision) => {
    const { host, root } = start(trusting);
    const stream = send(host, root, cluster, ask(value));
    expect(stream.pin).toBe(pin);
    expect(stream.state).toEqual({ rule: "override", mode: "override" });
    expect(stream.clears).toBe(1);
    expect(stream.values("x-send-to")).toEqual([]);
    expect(counters(host)).toEqual({ [`requests.${decision}`]: 1, "override.allowed": 1 });
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
      expect(send(host, root, reviews, ask("m1c2")).pin).toBe("m1c2");
    }
  });

  test("pins a request that goes to no service at all", () => {
    const { host, root } = start(trusting);
    expect(send(host, root, "PassthroughCluster", ask("local")).pin).toBe("m1c1");
  });
});

describe("an override that is not allowed is taken off and counted, and changes nothing else", () => {
  test.each(["m1c1", "m1c3", "LOCAL", "", "m1c2 ", "any,local", "x".repeat(60_000)])("%j", (value) => {
    const { host, root } = start(trusting);
    const retained = send(host, root, reviews, ask(value));
    expect(retained.pin).toBe("m1c1");
    const other = send(host, root, ratings, ask(value));
    expect(other.pin).toBeUndefined();
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
      expect(stream.pin).toBe("m1c1");
      expect(stream.values("x-send-to")).toEqual([]);
    }
    expect(counters(host)).toEqual({ "requests.retained": 3, "override.refused": 3 });
  });

  test("disabled", () => {
    const { host, root } = start({ ...trusting, enabled: false });
    const stream = send(host, root, reviews, ask("m1c2"));
    expect(stream.values("x-send-to")).toEqual([]);
    expect(stream.pin).toBeUndefined();
    expect(counters(host)).toEqual({ "override.refused": 1 });
  });

  test("several values: the first is obeyed or refused, all go", () => {
    const { host, root } = start(trusting);
    const stream = send(host, root, reviews, [...ask("m1c2"), ...ask("any"), ["x-send-to", "local"]]);
    expect(stream.pin).toBe("m1c2");
    expect(stream.values("x-send-to")).toEqual([]);
  });
});

test("without override in the configuration, such a header is just a header", () => {
  const { host, root } = start(strict);
  const stream = send(host, root, reviews, ask("m1c2"));
  expect(stream.values("x-send-to")).toEqual(["m1c2"]);
  expect(stream.pin).toBe("m1c1");
  expect(counters(host)).toEqual({ "requests.retained": 1 });
});

test("host calls: a look for the header, and two more where it is there; where it decides, nothing else is asked", () => {
  const { host, root } = start(trusting);
  const look = "get_header_map_value x-send-to";
  const left = "get_property xds.cluster_name";
  expect(callsOf(host, root, ratings)).toEqual([look, left]);
  expect(callsOf(host, root, ratings, ask("m1c9"))).toEqual([
    look,
    "remove_header_map_value x-send-to",
    "increment_metric cluster_local.override.refused",
    left,
  ]);
  expect(callsOf(host, root, reviews, ask("m1c2"))).toEqual([
    look,
    "remove_header_map_value x-send-to",
    "increment_metric cluster_local.override.allowed",
    "set_property cluster_local_pin",
    "set_property cluster_local_rule",
    "set_property cluster_local_mode",
    "call_foreign_function clear_route_cache",
    "increment_metric cluster_local.requests.retained",
  ]);
});
