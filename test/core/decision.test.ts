import { beforeAll, describe, expect, test } from "vitest";
import { type Core, loadCore, problems } from "./core.ts";

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

describe("destination", () => {
  const host = "reviews.default.svc.cluster.local";
  test.each([
    ["cluster", `outbound|9080||${host}`, `settled ${host} 9080 - known`],
    ["cluster", `outbound|9080|v1|${host}`, `settled ${host} 9080 v1 known`],
    ["cluster", `${host}:9080`, `settled ${host} 9080 - known`],
    ["cluster", host, `settled ${host} - - known`],
    ["cluster", "api.example.com", "settled api.example.com - - known"],
    ["cluster", "inbound|9080||", "nothing - - - known"],
    ["cluster", "PassthroughCluster", "nothing - - - known"],
    ["cluster", "BlackHoleCluster", "nothing - - - known"],
    ["cluster", "reviews", "open - - - known"],
    ["cluster", "reviews:9080", "open - - - known"],
    ["cluster", "my reviews", "open - - - known"],
    ["cluster", "a|b", "open - - - known"],
    ["cluster", "outbound|9080||", "open - - - known"],
    ["cluster", "", "open - - - known"],
    ["cluster", `${host}:http`, "open - - - known"],
    ["cluster", `${host}:`, "open - - - known"],
    ["virtualHost", `${host}:9080`, `settled ${host} 9080 - known`],
    ["virtualHost", "*:80", "open - - - known"],
    ["virtualHost", "allow_any", "open - - - known"],
    ["authority", "reviews", `settled ${host} - - known`],
    ["authority", "Reviews:9080", "settled Reviews.default.svc.cluster.local 9080 - known"],
    ["authority", "reviews.other", "settled reviews.other.svc.cluster.local - - guessed"],
    ["authority", "reviews.other.svc", "settled reviews.other.svc.cluster.local - - known"],
    ["authority", "reviews.other.SVC:80", "settled reviews.other.SVC.cluster.local 80 - known"],
    ["authority", host, `settled ${host} - - known`],
    ["authority", `${host}.`, `settled ${host} - - known`],
    ["authority", "www.example.com:443", "settled www.example.com 443 - known"],
    ["authority", "[::1]:80", "open - - - known"],
    ["authority", "", "open - - - known"],
    ["authority", "a b", "open - - - known"],
    ["authority", "a..b", "open - - - known"],
    ["authority", "a".repeat(64), "open - - - known"],
    ["authority", `${"a.".repeat(200)}b`, "open - - - known"],
  ])("%s %j", (evidence, name, expected) => {
    expect(core.destination(evidence, name, "default", "cluster.local")).toBe(expected);
  });

  test("a bare name needs the caller's namespace", () => {
    expect(core.destination("authority", "reviews", null, "cluster.local")).toBe("open - - - known");
  });
});

describe("the most specific pattern wins, wherever it stands", () => {
  beforeAll(() => {
    const rules = [
      { hosts: ["*"], mode: "observe" },
      { services: ["*"], mode: "off" },
      { services: ["payments/*"], mode: "strict" },
      { services: ["payments/ledger"], mode: "off" },
      { hosts: ["*.example.com", "*.api.example.com", "api.example.com"], mode: "strict" },
    ];
    expect(problems(core, { version: 1, rules })).toEqual([]);
  });

  test.each([
    ["ledger.payments.svc.cluster.local", "payments/ledger off"],
    ["LEDGER.Payments.svc.cluster.local", "payments/ledger off"],
    ["cart.payments.svc.cluster.local", "payments/* strict"],
    ["pod-0.cart.payments.svc.cluster.local", "payments/* strict"],
    ["reviews.default.svc.cluster.local", "* off"],
    ["payments.svc.cluster.local", "* off"],
    ["api.example.com", "api.example.com strict"],
    ["x.api.example.com", "*.api.example.com strict"],
    ["www.example.com", "*.example.com strict"],
    ["example.com", "* observe"],
    ["notexample.com", "* observe"],
  ])("%s", (host, rule) => {
    expect(core.ruleFor(host, false, [])).toBe(rule);
  });

  test("a guess is only for patterns that name the namespace", () => {
    expect(core.ruleFor("example.com.svc.cluster.local", true, [])).toBe("");
    expect(core.ruleFor("cart.payments.svc.cluster.local", true, [])).toBe("payments/* strict");
  });
});

test("the failover order is a google.protobuf.Value, in base64", () => {
  // Encoded by hand: list_value { struct_value { fields { key: "cluster" value { string_value } } } ... }
  expect(core.order(["m1c1", "m1c2"])).toBe(
    "Mi4KFSoTChEKB2NsdXN0ZXISBhoEbTFjMQoVKhMKEQoHY2x1c3RlchIGGgRtMWMy",
  );
  expect(Buffer.from(core.order(["a".repeat(200)]), "base64").toString("hex")).toBe(
    `32e0010add012ada010ad7010a07636c757374657212cb011ac801${"61".repeat(200)}`,
  );
});

test("the order begins with the local cluster, and names no cluster twice", () => {
  const rules = [
    { services: ["a/a"], mode: "prefer", order: ["c", "m1c1", "b"] },
    { services: ["a/b"], mode: "prefer" },
  ];
  expect(problems(core, { version: 1, clusters: ["b", "m1c1"], rules })).toEqual([]);
  expect(core.orderFor("a.a.svc.cluster.local")).toBe(core.order(["m1c1", "c", "b"]));
  expect(core.orderFor("b.a.svc.cluster.local")).toBe(core.order(["m1c1", "b"]));
});

describe("the target of a cluster_header route", () => {
  const template = "outbound|{port}|{localCluster}|{host}";
  test.each([
    ["outbound|9080||a.b.svc.cluster.local", "outbound|9080|m1c1|a.b.svc.cluster.local"],
    ["outbound|9080|v1|a.b.svc.cluster.local", "outbound|9080|v1-m1c1|a.b.svc.cluster.local"],
    ["a.b.svc.cluster.local", "outbound|80|m1c1|a.b.svc.cluster.local"],
  ])("%s", (cluster, target) => {
    expect(core.target(template, "{subset}-{localCluster}", cluster, "m1c1")).toBe(target);
  });
});
