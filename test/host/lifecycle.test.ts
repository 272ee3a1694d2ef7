import { expect, test } from "vitest";
import { Host } from "../../src/wasm/host.ts";
import { answer, module, node, ratings, reviews, send, start, strict } from "./support.ts";

const onRatings = {
  version: 1,
  localCluster: "m1c2",
  rules: [{ services: ["default/ratings"], mode: "strict" }],
};

test("two root contexts of one VM each obey their own configuration, streams interleaved", () => {
  const host = Host.start(module, node);
  const a = host.root(JSON.stringify(strict)).id;
  const b = host.root(JSON.stringify(onRatings)).id;
  const streams = [
    send(host, a, reviews),
    send(host, b, reviews),
    send(host, a, ratings),
    send(host, b, ratings),
  ];
  expect(streams.map((stream) => stream.values("x-cluster-local"))).toEqual([["m1c1"], [], [], ["m1c2"]]);
  for (const stream of streams) answer(stream, "m1c2");
  expect(host.counters.get("cluster_local.leaked")).toBe(1);
  host.close(a);
  expect(send(host, b, ratings).values("x-cluster-local")).toEqual(["m1c2"]);
});

test("a refused configuration says why, and leaves the previous one in force", () => {
  const { host, root } = start(strict);
  for (const bad of [
    "",
    "{",
    '{"version":1,}',
    '{"version":1} x',
    '{"version":1,"rules":[{"mode":1}]}',
    "[".repeat(5_000_000),
  ]) {
    expect(host.configure(root, bad)).toBe(false);
    expect(host.log.at(-1)).toMatch(/^error: cluster_local: configuration refused: /);
  }
  expect(send(host, root, reviews).values("x-cluster-local")).toEqual(["m1c1"]);
  expect(host.configure(root, JSON.stringify(onRatings))).toBe(true);
  expect(send(host, root, reviews).values("x-cluster-local")).toEqual([]);
});

test("an Envoy of 1.32 or older, which has other names for its attributes, is told so when it loads the filter", () => {
  const host = Host.start(module, {
    "xds.node.id": undefined,
    "node.id": "sidecar",
    "node.metadata.CLUSTER_ID": "m1c1",
  });
  const { id, accepted } = host.root(JSON.stringify({ ...strict, localCluster: "m1c1" }));
  expect(accepted).toBe(false);
  expect(host.log).toEqual([
    "error: cluster_local: configuration refused: the proxy has no xds attributes, needed: Envoy 1.33 or newer",
  ]);
  expect(send(host, id, reviews).values("x-cluster-local")).toEqual([]);
  // What else is wrong is told with it.
  host.configure(id, '{"version":2}');
  expect(host.log.slice(1)).toEqual([
    expect.stringContaining("configuration refused: version:"),
    expect.stringContaining("the proxy has no xds attributes"),
  ]);
});

test("a root context without an accepted configuration touches nothing", () => {
  const host = Host.start(module, node);
  const { id, accepted } = host.root("{}");
  expect(accepted).toBe(false);
  host.takeCalls();
  answer(send(host, id, reviews), "m1c2").end();
  expect(host.takeCalls()).toEqual([]);
});

test("a response that comes after its configuration was replaced is counted under no rule of the new one", () => {
  const { host, root } = start(strict);
  const stream = send(host, root, reviews);
  host.configure(root, JSON.stringify(onRatings));
  answer(stream, "m1c1");
  expect([...host.counters.keys()]).toEqual(["cluster_local.requests.retained"]);
});

test("a root context that is announced again keeps its configuration until the next one", () => {
  const { host, root } = start(strict);
  host.announce(root);
  expect(send(host, root, reviews).values("x-cluster-local")).toEqual(["m1c1"]);
});

test("streams end in any order, before any phase, and unknown ids harm nothing", () => {
  const { host, root } = start(strict);
  const open = Array.from({ length: 5000 }, () =>
    host.open(root, [[":authority", "x"]], { "xds.cluster_name": reviews }),
  );
  // A fixed shuffle: by a multiplier that has no factor in common with 5000.
  const shuffled = open.map((_, i) => open[(i * 1_237) % 5000]!);
  shuffled.forEach((stream, i) => {
    if (i % 3 > 0) stream.request();
    if (i % 3 > 1) answer(stream, "m1c1");
    stream.end();
    stream.end();
    answer(stream, "m1c1");
  });
  expect(host.counters.get("cluster_local.requests.retained")).toBe(3333);
  expect(host.counters.get("cluster_local.upstream.local.rule=.=default/reviews;.;mode=.=strict;.;")).toBe(
    1666,
  );
});

test("a root context that goes before its streams leaves them alone", () => {
  const { host, root } = start(strict);
  const stream = host.open(root, [], { "xds.cluster_name": reviews });
  host.close(root);
  host.takeCalls();
  answer(stream.request(), "m1c1").end();
  expect(host.takeCalls()).toEqual([]);
});

test("memory: none by streams, reset ones included, and none by replacing the configuration", () => {
  const { host, root } = start(strict);
  const serve = (times: number) => {
    for (let i = 0; i < times; i++) {
      const stream = send(host, root, i % 2 ? reviews : ratings);
      if (i % 5) answer(stream, i % 3 ? "m1c1" : "m1c2");
      stream.end();
      host.calls = [];
    }
  };
  serve(1000);
  const served = host.memoryBytes;
  serve(50_000);
  expect(host.memoryBytes).toBe(served);
  const large = JSON.stringify({
    version: 1,
    rules: Array.from({ length: 500 }, (_, i) => ({ services: [`ns/s${i}`], mode: "strict" })),
  });
  for (let i = 0; i < 20; i++) host.configure(root, i % 2 ? large : JSON.stringify(strict));
  const configured = host.memoryBytes;
  for (let i = 0; i < 1000; i++) host.configure(root, i % 2 ? large : JSON.stringify(strict));
  for (let i = 0; i < 1000; i++) host.close(host.root(large).id);
  expect(host.memoryBytes).toBe(configured);
});

test("a forged header of eight megabytes costs its memory once", () => {
  const { host, root } = start(strict);
  const huge = "x".repeat(8 * 1024 * 1024);
  send(host, root, reviews, [["x-cluster-local-order", huge]]).end();
  const after = host.memoryBytes;
  for (let i = 0; i < 20; i++) send(host, root, reviews, [["x-cluster-local-order", huge]]).end();
  expect(host.memoryBytes).toBe(after);
});
