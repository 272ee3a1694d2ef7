import { expect, test } from "vitest";
import { answer, ratings, reviews, send, start, strict } from "./support.ts";

// The budget of design.md: 3 host calls for a request that is left alone, 4 for one that is pinned, 3 for its response.

test("a request that no rule names: one property, two looks for forged headers, nothing for its response", () => {
  const { host, root } = start(strict);
  const stream = send(host, root, ratings);
  expect(host.takeCalls()).toEqual([
    { name: "get_property", args: ["xds.cluster_name"] },
    { name: "get_header_map_value", args: [0, "x-cluster-local"] },
    { name: "get_header_map_value", args: [0, "x-cluster-local-order"] },
  ]);
  answer(stream, "m1c2").end();
  expect(host.takeCalls()).toEqual([]);
});

test("disabled: only the looks for forged headers", () => {
  const { host, root } = start({ ...strict, enabled: false });
  const stream = send(host, root, reviews);
  expect(host.takeCalls().map((call) => call.name)).toEqual(["get_header_map_value", "get_header_map_value"]);
  answer(stream, "m1c2").end();
  expect(host.takeCalls()).toEqual([]);
});

test("a pinned request, once its counters are known", () => {
  const { host, root } = start(strict);
  answer(send(host, root, reviews), "m1c1").end();
  host.takeCalls();
  const stream = send(host, root, reviews);
  expect(host.takeCalls()).toEqual([
    { name: "get_property", args: ["xds.cluster_name"] },
    { name: "replace_header_map_value", args: [0, "x-cluster-local"] },
    { name: "get_header_map_value", args: [0, "x-cluster-local-order"] },
    { name: "increment_metric", args: ["cluster_local.requests.retained"] },
  ]);
  answer(stream, "m1c1");
  expect(host.takeCalls()).toEqual([
    { name: "get_property", args: ["xds.upstream_host_metadata.filter_metadata.envoy.lb.cluster"] },
    {
      name: "increment_metric",
      args: ["cluster_local.upstream.local.rule=.=default/reviews;.;mode=.=strict;.;"],
    },
    { name: "set_property", args: ["cluster_local", "mode=strict;rule=default/reviews;where=local"] },
  ]);
  stream.end();
  expect(host.takeCalls()).toEqual([]);
});

test("pin.via route: one look at all headers tells of forged ones", () => {
  const { host, root } = start({ ...strict, pin: { via: "route" } });
  send(host, root, ratings);
  expect(host.takeCalls()).toEqual([
    { name: "get_property", args: ["xds.cluster_name"] },
    { name: "get_header_map_pairs", args: [0] },
  ]);
});

test.each(["route", "cluster"])("a pinned request, pin.via %s", (via) => {
  const { host, root } = start({ ...strict, pin: { via } });
  send(host, root, reviews).end();
  host.takeCalls();
  send(host, root, reviews);
  expect(host.takeCalls().length).toBeLessThanOrEqual(4);
});

test("nothing is built for a log that nobody reads", () => {
  const { host, root } = start(strict);
  host.logLevel = 4;
  host.time = 1n << 60n;
  answer(send(host, root, reviews), "m1c2").end();
  expect(host.takeCalls().map((call) => call.name)).not.toContain("log");
});
