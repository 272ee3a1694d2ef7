import { describe, expect, test } from "vitest";
import { Host, type Headers } from "../../src/wasm/host.ts";
import { counters, module, node, ratings, reviews, send, start, strict } from "./support.ts";

const to = (name: string) => `outbound|9080||${name}.default.svc.cluster.local`;

describe("a decision is a pin, a state and a count", () => {
  const rules = [
    { services: ["default/reviews"], mode: "strict" },
    { services: ["default/cart"], mode: "prefer", order: ["m1c3", "m1c2"] },
    { services: ["default/stock"], mode: "prefer" },
    { hosts: ["*.default.svc.cluster.local"], mode: "observe" },
    { services: ["default/details"], mode: "off" },
  ];
  test.each([
    ["reviews", "m1c1", "default/reviews", "strict", "retained"],
    ["cart", "m1c1,m1c3,m1c2", "default/cart", "prefer", "preferred"],
    // The local cluster comes first, wherever the list has it.
    ["stock", "m1c1,m1c2,m1c3", "default/stock", "prefer", "preferred"],
    ["ratings", undefined, "*.default.svc.cluster.local", "observe", "observed"],
    ["details", undefined, "default/details", "off", "bypassed"],
  ])("%s: %s", (name, pin, rule, mode, counter) => {
    const { host, root } = start({ version: 1, clusters: ["m1c2", "m1c1", "m1c3"], rules });
    const stream = send(host, root, to(name));
    expect(stream.pin).toBe(pin);
    expect(stream.state).toEqual({ rule, mode });
    expect(stream.clears).toBe(pin === undefined ? 0 : 1);
    expect(counters(host)).toEqual({ [`requests.${counter}`]: 1 });
  });

  test("a request that no rule names leaves nothing behind", () => {
    const { host, root } = start(strict);
    const stream = send(host, root, ratings);
    expect(stream.filterState).toEqual({});
    expect(stream.clears).toBe(0);
    expect(counters(host)).toEqual({});
  });

  test("disabled: neither does any other", () => {
    const { host, root } = start({ ...strict, enabled: false });
    expect(send(host, root, reviews).filterState).toEqual({});
    expect(counters(host)).toEqual({});
  });
});

test("the longest rule that there can be fits into the state", () => {
  const suffix = `${"a".repeat(61)}.`.repeat(4) + "bcd.e";
  expect(suffix).toHaveLength(253);
  const { host, root } = start({ version: 1, rules: [{ hosts: [`*.${suffix}`], mode: "strict" }] });
  expect(host.open(root, [], { "xds.cluster_name": suffix }).request().state).toBeUndefined();
  const shorter = suffix.slice(2);
  const second = start({ version: 1, rules: [{ hosts: [`*.${shorter}`], mode: "observe" }] });
  const stream = second.host.open(second.root, [], { "xds.cluster_name": `x.${shorter}` }).request();
  expect(stream.state).toEqual({ rule: `*.${shorter}`, mode: "observe" });
});

test("no header of the request is touched, whatever it is called", () => {
  const headers: Headers = [
    ["x-pin", "m1c2"],
    ["wasm.cluster_local_pin", "m1c2"],
    ["x-target", ratings],
    ["x-cluster-local-decision", "strict"],
  ];
  const { host, root } = start(strict);
  for (const cluster of [reviews, ratings]) {
    const stream = send(host, root, cluster, headers);
    expect(stream.headers.slice(2)).toEqual(headers);
    expect(stream.pin).toBe(cluster === reviews ? "m1c1" : undefined);
  }
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
    expect(stream.pin).toBe("m1c1");
  });

  test("the passthrough cluster is no service", () => {
    const { host, root } = start(strict);
    expect(send(host, root, "PassthroughCluster").pin).toBeUndefined();
  });
});

test("the configuration's localCluster comes before the node's", () => {
  const { host, root } = start({ ...strict, localCluster: "m1c9" });
  expect(send(host, root, reviews).pin).toBe("m1c9");
});

test("no local cluster anywhere, or one that is no cluster id: refused with the reason", () => {
  for (const id of [undefined, "\0\0\0\0\0\0\u0000A", "*", "m1c1,m1c2"]) {
    const host = Host.start(module, { ...node, "xds.node.metadata.CLUSTER_ID": id });
    expect(host.root(JSON.stringify(strict)).accepted).toBe(false);
    expect(host.log.join()).toContain("error: cluster_local: configuration refused: localCluster: missing");
  }
});

test("names of any length in a cluster's name stay within bounds", () => {
  const long = (size: number) => "9".repeat(size);
  const host253 = `${"a".repeat(60)}.`.repeat(4) + "a".repeat(9);
  const { host, root } = start({ version: 1, rules: [{ hosts: ["*"], mode: "strict" }] });
  for (const cluster of [
    `outbound|${long(500_000)}||${host253}`,
    `outbound|80|${long(500_000)}|${host253}`,
  ]) {
    for (let i = 0; i < 3; i++) expect(send(host, root, cluster).pin).toBe("m1c1");
  }
  expect(send(host, root, reviews).pin).toBe("m1c1");
});
