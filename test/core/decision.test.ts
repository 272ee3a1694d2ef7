import { beforeAll, describe, expect, test } from "vitest";
import { bytes, type Core, loadCore, problems } from "./core.ts";

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

describe("destination", () => {
  const host = "reviews.default.svc.cluster.local";
  const label = "a".repeat(63);
  test.each([
    ["cluster", `outbound|9080||${host}`, `settled ${host} known`],
    ["cluster", `outbound|9080|v1|${host}`, `settled ${host} known`],
    ["cluster", `${host}:9080`, `settled ${host} known`],
    ["cluster", host, `settled ${host} known`],
    ["cluster", "api.example.com", "settled api.example.com known"],
    ["cluster", "inbound|9080||", "nothing - known"],
    ["cluster", "PassthroughCluster", "nothing - known"],
    ["cluster", "BlackHoleCluster", "nothing - known"],
    ["cluster", "reviews", "open - known"],
    ["cluster", "reviews:9080", "open - known"],
    ["cluster", "my reviews", "open - known"],
    ["cluster", "a|b", "open - known"],
    ["cluster", "outbound|9080||", "open - known"],
    ["cluster", "", "open - known"],
    ["cluster", `${host}:http`, "open - known"],
    ["cluster", `${host}:`, "open - known"],
    ["cluster", `${host}:000080`, "open - known"],
    ["cluster", "outbound|9080|v1", "open - known"],
    ["cluster", `OUTBOUND|9080||${host}`, "nothing - known"],
    ["cluster", `outbound|9080||${host}.`, "open - known"],
    ["cluster", `${host}.:9080`, `settled ${host} known`],
    ["cluster", ".", "open - known"],
    ["cluster", ":80", "open - known"],
    ["virtualHost", `${host}:9080`, `settled ${host} known`],
    ["virtualHost", "*:80", "open - known"],
    ["virtualHost", "allow_any", "open - known"],
    ["authority", "reviews", `settled ${host} known`],
    ["authority", "Reviews:9080", "settled Reviews.default.svc.cluster.local known"],
    ["authority", "reviews.other", "settled reviews.other.svc.cluster.local guessed"],
    ["authority", "reviews.other.svc", "settled reviews.other.svc.cluster.local known"],
    ["authority", "reviews.other.SVC:80", "settled reviews.other.SVC.cluster.local known"],
    ["authority", host, `settled ${host} known`],
    ["authority", `${host}.`, `settled ${host} known`],
    ["authority", "www.example.com:443", "settled www.example.com known"],
    ["authority", "10.0.0.1:80", "settled 10.0.0.1 known"],
    ["authority", "a.b.svd", "settled a.b.svd known"],
    ["authority", `${label}.${label}`, `settled ${label}.${label}.svc.cluster.local guessed`],
    ["authority", "[::1]:80", "open - known"],
    ["authority", "", "open - known"],
    ["authority", "a b", "open - known"],
    ["authority", "a..b", "open - known"],
    ["authority", "a".repeat(64), "open - known"],
    ["authority", `${"a.".repeat(200)}b`, "open - known"],
  ])("%s %j", (evidence, name, expected) => {
    expect(core.destination(evidence, bytes(name), "default", "cluster.local")).toBe(expected);
  });

  test("a bare name needs the caller's namespace", () => {
    expect(core.destination("authority", bytes("reviews"), null, "cluster.local")).toBe("open - known");
  });
});

test("a name that would be too long with the cluster domain is no service's", () => {
  const domain = ["d".repeat(63), "d".repeat(63), "d".repeat(63), "d".repeat(50)].join(".");
  const named = (name: string) => core.destination("authority", bytes(name), "bcde", domain);
  expect(named("a")).toBe(`settled a.bcde.svc.${domain} known`);
  expect(named("a.bcde")).toBe(`settled a.bcde.svc.${domain} guessed`);
  expect(named("ab.cde.svc")).toBe(`settled ab.cde.svc.${domain} known`);
  for (const name of ["ab", "ab.bcde", "abc.cde.svc", "a".repeat(63), `a.${"b".repeat(63)}`]) {
    expect(named(name), name).toBe("open - known");
  }
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

test("hosts with the same hash are not the same host", () => {
  const rules = [
    { hosts: ["gdvkotp.com", "repfswj.com"], mode: "strict" },
    { hosts: ["zjvowbe.com", "*.com"], mode: "off" },
  ];
  expect(problems(core, { version: 1, rules })).toEqual([]);
  // Each pair is one 32-bit FNV-1a, found by trying; it runs from the last byte to the first.
  expect(core.ruleFor("gdvkotp.com", false, [])).toBe("gdvkotp.com strict");
  expect(core.ruleFor("yelleig.com", false, [])).toBe("*.com off");
  expect(core.ruleFor("repfswj.com", false, [])).toBe("repfswj.com strict");
  expect(core.ruleFor("zjvowbe.com", false, [])).toBe("zjvowbe.com off");
});

test("ten thousand patterns are all found, and nothing else is", () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `s${i}`);
  const rules = [{ services: names.map((name) => `ns/${name}`), mode: "strict" }];
  expect(problems(core, { version: 1, rules })).toEqual([]);
  for (const name of names) {
    if (core.lookUp(`${name}.ns.svc.cluster.local`, 3) !== 3) throw new Error(`${name} is not found`);
    if (core.lookUp(`${name}.ms.svc.cluster.local`, 1) !== 0) throw new Error(`${name} is found elsewhere`);
  }
});

test("a pin of prefer begins with the local cluster, and names no cluster twice", () => {
  const rules = [
    { services: ["a/a"], mode: "prefer", order: ["c", "m1c1", "b"] },
    { services: ["a/b"], mode: "prefer" },
    { services: ["a/c"], mode: "prefer", order: ["m1c1"] },
    { services: ["a/d"], mode: "strict" },
    { services: ["a/e"], mode: "observe" },
  ];
  expect(problems(core, { version: 1, clusters: ["b", "m1c1"], rules })).toEqual([]);
  const pins = ["a", "b", "c", "d", "e", "f"].map((name) => core.pinFor(`${name}.a.svc.cluster.local`));
  expect(pins).toEqual(["m1c1,c,b", "m1c1,b", "m1c1", "m1c1", "", ""]);
});
