import { expect, test } from "vitest";
import { examine } from "../../src/doctor/examine.ts";
import type { ProxyState, Upstream } from "../../src/live/state/model.ts";
import { evidenceOf } from "../../src/live/evidence.ts";
import { orThrow, parsePolicy } from "../../src/index.ts";

/** Sidecars of Istio without the filter: strict holds by the routes, by the endpoints, or not. */

const host = "reviews.default.svc.cluster.local";
const name = (subset: string) => `outbound|9080|${subset}|${host}`;
const policy = orThrow(
  parsePolicy(
    "version: 1\nclusters: [m1c1, m1c2]\nrules: [{services: [default/reviews], mode: strict}]\n",
    "policy.yaml",
  ),
);

/** An Envoy cluster of the service, with the endpoints of these clusters. */
function upstream(subset: string, ids: string[], from = subset): Upstream {
  const endpoints = ids.map((to, index) => ({
    ...{ address: `10.0.0.${index}:9080`, to, healthy: true, flags: [], priority: 0 },
  }));
  return {
    ...{ name: name(subset), service: "default/reviews", host, port: 9080 },
    subset: subset === "" ? undefined : subset,
    config: {
      type: "EDS",
      eds_cluster_config: { service_name: name(from) },
      common_lb_config: { healthy_panic_threshold: {} },
    },
    endpoints,
  };
}

function wrong(upstreams: Upstream[], to: string): string[] {
  const clusters = new Set([name(to)]);
  const state: ProxyState = {
    address: "127.0.0.1:15000",
    proxy: {
      ...{ cluster: "m1c1", namespace: "default", workload: "sleep", version: "1.40.0" },
      id: "sidecar~10.0.0.1~sleep-1.default~default.svc.cluster.local",
    },
    managers: [{ listener: "0.0.0.0_9080", direction: "outbound", edge: false, filters: [], counts: false }],
    plugins: [],
    upstreams,
    rejected: [],
    routes: [{ name: `${host}:9080/default`, readsPin: false, clustersFor: () => clusters }],
    stats: new Map(),
    evidence: evidenceOf([]),
  };
  const options = { supported: { from: "1.37", to: "1.40" }, policy: { value: policy, file: "policy.yaml" } };
  const { findings } = examine(state, { ...options, now: 0 });
  return findings
    .filter(({ check, level }) => level !== "ok" && check !== "filter")
    .map(({ level, check, message }) => `${level} ${check}: ${message}`);
}

test("the route's own Envoy cluster is the local subset", () => {
  expect(wrong([upstream("", ["m1c1", "m1c2"]), upstream("m1c1", ["m1c1"])], "m1c1")).toEqual([]);
});

test("the Envoy cluster has the endpoints of the local subset", () => {
  expect(wrong([upstream("", ["m1c1"], "m1c1")], "")).toEqual([]);
});

test.each([
  ["all endpoints, though in one cluster by chance", [upstream("", ["m1c1"])], ""],
  ["a subset that istiod does not find, and so serves whole", [upstream("", ["m1c1", "m1c2"], "m1c1")], ""],
  ["a subset that is hidden", [upstream("", ["m1c1", "m1c2"])], "m1c1"],
])("nothing holds: %s", (_, upstreams, to) => {
  const expected =
    to === ""
      ? ["error routes: default/reviews:9080: without the filter its requests go as if there were no rule"]
      : [];
  expect(wrong(upstreams, to)).toEqual(expected.length > 0 ? expected : [expect.stringContaining("routes")]);
});

test("no local endpoint: nothing leaves, and doctor says that it fails", () => {
  expect(wrong([upstream("", [], "m1c1")], "")).toEqual([
    "error local-endpoints: default/reviews:9080: no endpoint in m1c1: its requests get 503",
  ]);
});
