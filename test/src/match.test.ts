import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admitsCaller, admitsRequest, includes } from "../../src/policy/conditions.ts";
import { Matcher } from "../../src/policy/match.ts";
import { parsePluginConfig } from "../../src/policy/plugin-config.ts";
import type { Rule } from "../../src/policy/rules.ts";
import { Host } from "../../src/wasm/host.ts";
import { loadModule } from "../../src/wasm/module.ts";

const module = await loadModule();

const caller = fc.record({
  namespace: fc.constantFrom("default", "def", "payments"),
  workload: fc.constantFrom("productpage-v1", "productpage-v2", "sleep"),
});
const request = fc.record({
  method: fc.constantFrom("GET", "POST"),
  path: fc.constantFrom("/", "/a", "/a/b", "/a?x=/b", "/ab"),
});
const some = <T>(...items: T[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...items), { minLength: 1, maxLength: 2 }), { nil: undefined });
const conditions = fc.record({
  callers: some("default/*", "def*/*", "*/sleep", "default/productpage-*", "default/productpage-v1", "*/*"),
  paths: fc.option(
    fc.array(
      fc.constantFrom({ exact: "/a" }, { exact: "/" }, { prefix: "/" }, { prefix: "/a" }, { prefix: "/a/" }),
      { minLength: 1, maxLength: 2 },
    ),
    { nil: undefined },
  ),
  methods: some("GET", "POST"),
});
const rule = fc
  .record({
    services: some("default/reviews", "default/*", "*", "payments/cart"),
    hosts: some("reviews.default.svc.cluster.local", "*.svc.cluster.local", "*.local", "*", "*.com"),
    mode: fc.constantFrom("strict", "observe", "off"),
    conditions,
  })
  .map(({ conditions, ...rule }) => ({ ...rule, ...conditions }));
const host = fc.constantFrom(
  ...["reviews.default.svc.cluster.local", "details.default.svc.cluster.local", "example.com"],
  ...["cart.payments.svc.cluster.local", "a.local"],
);

describe("Matcher", () => {
  test("finds the pattern that the filter finds", () => {
    const found = { some: 0, none: 0 };
    const agree = fc.property(
      fc.array(rule, { maxLength: 5 }),
      caller,
      request,
      host,
      (rules, from, to, host) => {
        const text = JSON.stringify({ version: 1, clusters: ["m1c1"], rules });
        const parsed = parsePluginConfig(text, "plugin.json");
        fc.pre(parsed.ok);
        const matcher = new Matcher(parsed.value);
        const pattern = matcher.find(host, from, to);
        found[pattern ? "some" : "none"]++;
        const ours = pattern && { rule: pattern.text, mode: matcher.ruleOf(pattern).mode };
        expect(filterFinds(text, from, to, host)).toEqual(ours);
      },
    );
    fc.assert(agree, { numRuns: 3000 });
    expect(Math.min(found.some, found.none)).toBeGreaterThan(500);
  });

  test("asks no pattern after one that takes every request of the caller", () => {
    const rules: Rule[] = [
      { services: ["default/reviews"], mode: "strict", methods: ["GET"] },
      { services: ["default/reviews"], mode: "off", callers: ["payments/*"] },
      { services: ["default/*"], mode: "observe", paths: [{ prefix: "/a" }] },
      { services: ["*"], mode: "prefer" },
      { hosts: ["*"], mode: "off" },
    ];
    const matcher = new Matcher({ rules, clusterDomain: "cluster.local" });
    const asked = (namespace: string) =>
      matcher
        .candidates("reviews.default.svc.cluster.local", { namespace, workload: "a" })
        .map(({ rule }) => rule);
    expect(asked("default")).toEqual([0, 2, 3]);
    expect(asked("payments")).toEqual([0, 1]);
  });
});

test("conditions that include others take whatever these take", () => {
  let included = 0;
  const holds = fc.property(conditions, conditions, caller, request, (outer, inner, from, to) => {
    if (!includes(outer, inner)) return;
    included++;
    if (admitsCaller(inner, from)) expect(admitsCaller(outer, from)).toBe(true);
    if (admitsRequest(inner, to)) expect(admitsRequest(outer, to)).toBe(true);
  });
  fc.assert(holds, { numRuns: 20_000 });
  expect(included).toBeGreaterThan(500);
});

/** What the filter says of the request to access logs. */
function filterFinds(
  configuration: string,
  { namespace, workload }: { namespace: string; workload: string },
  { method, path }: { method: string; path: string },
  host: string,
): { rule: string; mode: string } | undefined {
  const vm = Host.start(module, {
    "xds.node.metadata.CLUSTER_ID": "m1c1",
    "xds.node.metadata.NAMESPACE": namespace,
    "xds.node.metadata.WORKLOAD_NAME": workload,
  });
  const { id } = vm.root(configuration);
  const stream = vm.open(
    id,
    [
      [":authority", host],
      [":method", method],
      [":path", path],
    ],
    { "xds.cluster_name": `outbound|80||${host}` },
  );
  return stream.request().state;
}
