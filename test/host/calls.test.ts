import { expect, test } from "vitest";
import { callsOf, ratings, reviews, send, start, strict } from "./support.ts";

// The budget of design.md: 1 host call for a request that is left alone, 5 for one that is pinned. The module has no callback
// for a response.

const pinned = [
  "get_property xds.cluster_name",
  "set_property cluster_local_pin",
  "set_property cluster_local_rule",
  "set_property cluster_local_mode",
  "call_foreign_function clear_route_cache",
];

test("a request that no rule names", () => {
  const { host, root } = start(strict);
  expect(callsOf(host, root, ratings)).toEqual(["get_property xds.cluster_name"]);
});

test("disabled: none", () => {
  const { host, root } = start({ ...strict, enabled: false });
  expect(callsOf(host, root, reviews)).toEqual([]);
});

test("a pinned request, once its counter is known", () => {
  const { host, root } = start(strict);
  expect(callsOf(host, root, reviews)).toEqual([
    ...pinned,
    "increment_metric cluster_local.requests.retained",
  ]);
});

test("prefer: the same", () => {
  const rules = [{ services: ["default/reviews"], mode: "prefer", order: ["m1c2"] }];
  const { host, root } = start({ version: 1, rules });
  expect(callsOf(host, root, reviews)).toEqual([
    ...pinned,
    "increment_metric cluster_local.requests.preferred",
  ]);
});

test.each([
  ["observe", "observed"],
  ["off", "bypassed"],
])("%s: evidence, but no pin, and the route stays", (mode, counter) => {
  const { host, root } = start({ version: 1, rules: [{ services: ["default/reviews"], mode }] });
  expect(callsOf(host, root, reviews)).toEqual([
    "get_property xds.cluster_name",
    "set_property cluster_local_rule",
    "set_property cluster_local_mode",
    `increment_metric cluster_local.requests.${counter}`,
  ]);
});

test("a counter is defined once, on first use", () => {
  const { host, root } = start(strict);
  send(host, root, reviews);
  const defined = host.takeCalls().filter(({ name }) => name === "define_metric");
  expect(defined.map(({ args }) => args[1])).toEqual(["cluster_local.requests.retained"]);
});

test("nothing is built for a log that nobody reads", () => {
  const { host, root } = start(strict);
  host.logLevel = 4;
  host.configure(root, JSON.stringify(strict));
  expect(host.takeCalls().map((call) => call.name)).not.toContain("log");
});
