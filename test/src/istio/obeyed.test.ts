import { expect, test } from "vitest";
import { obeyed } from "../../../src/istio/obeyed.ts";

/** Which subsets a caller gets of several DestinationRules (pilot/pkg/model/destination_rule.go, push_context.go, sidecar.go). */
const ROOT = "istio-system";
const about = {
  ...{ host: "reviews.default.svc.cluster.local", port: 9080, home: "default" },
  ...{ root: ROOT, domain: "cluster.local" },
};

function rule(name: string, more: object = {}, namespace = "default", host = about.host) {
  return {
    kind: "DestinationRule",
    namespace,
    name,
    spec: { host, subsets: [{ name, labels: {} }], ...more },
  };
}

function subsets(rules: ReturnType<typeof rule>[], namespace = "client", labels = {}): string[] {
  return obeyed(about, { namespace, labels }, rules).names;
}

const sleep = { workloadSelector: { matchLabels: { app: "sleep" } } };

test.each<[what: string, rules: ReturnType<typeof rule>[], namespace: string, expected: string[]]>([
  ["rules with the same exportTo add up", [rule("a"), rule("b")], "client", ["a", "b"]],
  [
    "of rules with another exportTo the last counts",
    [rule("a"), rule("b", { exportTo: ["*"] })],
    "client",
    ["b"],
  ],
  [
    "one that is shown to more adds to the other",
    [rule("a", { exportTo: ["x"] }), rule("b", { exportTo: ["x", "client"] })],
    "x",
    ["a", "b"],
  ],
  [
    "what the service's namespace keeps is not seen",
    [rule("a", { exportTo: ["."] }), rule("r", {}, ROOT)],
    "client",
    ["r"],
  ],
  [
    "what is shown to others is not for one's own",
    [rule("a", { exportTo: ["client"] }), rule("r", {}, ROOT)],
    "default",
    ["r"],
  ],
  [
    "the most specific host is chosen before exportTo is looked at",
    [
      rule("a", { exportTo: ["x"] }),
      rule("w", {}, "default", "*.default.svc.cluster.local"),
      rule("r", {}, ROOT),
    ],
    "client",
    ["r"],
  ],
  ["the caller's namespace comes first", [rule("a"), rule("c", {}, "client")], "client", ["c"]],
  [
    "the root namespace's own is for its own proxies",
    [rule("a"), rule("r", { exportTo: ["."] }, ROOT)],
    ROOT,
    ["r"],
  ],
  [
    "what others see of the root namespace does not hide the service's",
    [rule("a"), rule("r", {}, ROOT)],
    ROOT,
    ["a"],
  ],
])("%s", (_, rules, namespace, expected) => {
  expect(subsets(rules, namespace)).toEqual(expected);
});

test("one that selects workloads is for these alone, and for no other namespace", () => {
  const rules = [rule("all"), rule("some", sleep)];
  expect(subsets(rules, "default", { app: "sleep" })).toEqual(["some"]);
  expect(subsets(rules, "default", { app: "other" })).toEqual(["all"]);
  expect(subsets(rules, "client", { app: "sleep" })).toEqual(["all"]);
  const { notes } = obeyed(about, { namespace: "default", labels: {} }, rules);
  expect(notes).toEqual([
    "not known: whether DestinationRule default/some, which selects workloads, is for the caller",
  ]);
});

test("a subset's settings stand in for the rule's, and a port's for both", () => {
  const near = {
    outlierDetection: {},
    loadBalancer: { localityLbSetting: { failoverPriority: ["topology.istio.io/cluster"] } },
  };
  const port = (number: number) => ({ portLevelSettings: [{ port: { number }, loadBalancer: {} }] });
  const localFirst = (spec: object, name = "") =>
    obeyed(about, { namespace: "client", labels: {} }, [rule("a", spec)]).localFirst(name);
  expect(localFirst({ trafficPolicy: near })).toBe(true);
  expect(localFirst({ trafficPolicy: { ...near, ...port(9080) } })).toBe(false);
  expect(localFirst({ trafficPolicy: { ...near, ...port(80) } })).toBe(true);
  expect(localFirst({ subsets: [{ name: "a", trafficPolicy: near }] }, "a")).toBe(true);
});
