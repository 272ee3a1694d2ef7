import { expect, test } from "vitest";
import { Host } from "../../src/wasm/host.ts";
import { module, node, ratings, reviews, send, start, strict } from "./support.ts";

const onRatings = {
  version: 1,
  localCluster: "m1c2",
  rules: [{ services: ["default/ratings"], mode: "strict" }],
};

test("two root contexts of one VM each obey their own configuration, streams interleaved", () => {
  const host = Host.start(module, node);
  const a = host.root(JSON.stringify(strict)).id;
  const b = host.root(JSON.stringify(onRatings)).id;
  const streams = [a, b].flatMap((root) =>
    [reviews, ratings].map((cluster) => host.open(root, [], { "xds.cluster_name": cluster })),
  );
  for (const stream of [3, 0, 2, 1].map((index) => streams[index]!)) stream.request();
  expect(streams.map(({ pin }) => pin)).toEqual(["m1c1", undefined, undefined, "m1c2"]);
  host.close(a);
  expect(send(host, b, ratings).pin).toBe("m1c2");
});

test("the filter's own counters are the VM's: two root contexts add to the same", () => {
  const host = Host.start(module, node);
  for (const root of [1, 2].map(() => host.root(JSON.stringify(strict)).id)) send(host, root, reviews);
  expect(host.counters.get("cluster_local.requests.retained")).toBe(2);
});

test("a root context that took the place of one that is gone is not taken for it", () => {
  const host = Host.start(module, node);
  const first = host.root(JSON.stringify(strict)).id;
  const second = host.root(JSON.stringify(onRatings)).id;
  // As Envoy replaces a configuration: the old root context lives on for the streams that it has.
  expect(send(host, first, reviews).pin).toBe("m1c1");
  host.close(first);
  const third = host.root('{"version":1,"enabled":false}').id;
  expect(send(host, second, ratings).pin).toBe("m1c2");
  expect(send(host, third, reviews).pin).toBeUndefined();
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
  expect(send(host, root, reviews).pin).toBe("m1c1");
  expect(host.configure(root, JSON.stringify(onRatings))).toBe(true);
  expect(send(host, root, reviews).pin).toBeUndefined();
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
  expect(send(host, id, reviews).pin).toBeUndefined();
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
  send(host, id, reviews);
  expect(host.takeCalls()).toEqual([]);
});

test("a root context that is announced again keeps its configuration until the next one", () => {
  const { host, root } = start(strict);
  host.announce(root);
  expect(send(host, root, reviews).pin).toBe("m1c1");
});

test("memory: none by streams, and none by replacing the configuration", () => {
  const { host, root } = start(strict);
  const serve = (times: number) => {
    for (let i = 0; i < times; i++) {
      send(host, root, i % 2 ? reviews : ratings);
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

test("a header of eight megabytes that a rule asks about costs its memory once", () => {
  const rules = [
    { services: ["default/reviews"], mode: "strict", percent: 50, sticky: { header: "x-user" } },
  ];
  const { host, root } = start({ version: 1, rules });
  const huge = "x".repeat(8 * 1024 * 1024);
  send(host, root, reviews, [["x-user", huge]]);
  const after = host.memoryBytes;
  for (let i = 0; i < 20; i++) send(host, root, reviews, [["x-user", huge]]);
  expect(host.memoryBytes).toBe(after);
});
