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
    ["cluster", `${host}:000080`, "open - - - known"],
    ["cluster", "outbound|9080|v1", "open - - - known"],
    ["cluster", `OUTBOUND|9080||${host}`, "nothing - - - known"],
    ["cluster", `outbound|9080||${host}.`, "open - - - known"],
    ["cluster", `${host}.:9080`, `settled ${host} 9080 - known`],
    ["cluster", ".", "open - - - known"],
    ["cluster", ":80", "open - - - known"],
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
    ["authority", "10.0.0.1:80", "settled 10.0.0.1 80 - known"],
    ["authority", "a.b.svd", "settled a.b.svd - - known"],
    ["authority", `${label}.${label}`, `settled ${label}.${label}.svc.cluster.local - - guessed`],
    ["authority", "[::1]:80", "open - - - known"],
    ["authority", "", "open - - - known"],
    ["authority", "a b", "open - - - known"],
    ["authority", "a..b", "open - - - known"],
    ["authority", "a".repeat(64), "open - - - known"],
    ["authority", `${"a.".repeat(200)}b`, "open - - - known"],
  ])("%s %j", (evidence, name, expected) => {
    expect(core.destination(evidence, bytes(name), "default", "cluster.local")).toBe(expected);
  });

  test("a bare name needs the caller's namespace", () => {
    expect(core.destination("authority", bytes("reviews"), null, "cluster.local")).toBe("open - - - known");
  });
});

test("a name that would be too long with the cluster domain is no service's", () => {
  const domain = ["d".repeat(63), "d".repeat(63), "d".repeat(63), "d".repeat(50)].join(".");
  const named = (name: string) => core.destination("authority", bytes(name), "bcde", domain);
  expect(named("a")).toBe(`settled a.bcde.svc.${domain} - - known`);
  expect(named("a.bcde")).toBe(`settled a.bcde.svc.${domain} - - guessed`);
  expect(named("ab.cde.svc")).toBe(`settled ab.cde.svc.${domain} - - known`);
  for (const name of ["ab", "ab.bcde", "abc.cde.svc", "a".repeat(63), `a.${"b".repeat(63)}`]) {
    expect(named(name), name).toBe("open - - - known");
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

test("the failover order is a google.protobuf.Value, in base64", () => {
  // Encoded by hand: list_value { struct_value { fields { key: "cluster" value { string_value } } } ... }
  expect(core.order(["m1c1", "m1c2"])).toBe(
    "Mi4KFSoTChEKB2NsdXN0ZXISBhoEbTFjMQoVKhMKEQoHY2x1c3RlchIGGgRtMWMy",
  );
  expect(Buffer.from(core.order(["a".repeat(200)]), "base64").toString("hex")).toBe(
    `32e0010add012ada010ad7010a07636c757374657212cb011ac801${"61".repeat(200)}`,
  );
});

test("the order is in base64 as header_to_metadata reads it, whatever stands in an id", () => {
  const ids = ["~~~", "???", "a~?b", "x>>y??z~~"];
  const decoded = Buffer.from(core.order(ids), "base64");
  for (const id of ids) expect(decoded.includes(id)).toBe(true);
  expect(core.order(ids)).toBe(decoded.toString("base64"));
  expect(core.order(ids)).toMatch(/\+.*\/|\/.*\+/);
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

  test("is cut at 1024 bytes, whatever the template and the names", () => {
    const cluster = `outbound|${"9".repeat(500)}|${"v".repeat(600)}|a.b.svc.cluster.local`;
    for (const long of ["{port}{port}{port}", "{host}".repeat(42), "{localCluster}".repeat(18)]) {
      expect(core.target(long, "{subset}".repeat(31), cluster, "m1c1").length).toBeLessThanOrEqual(1024);
    }
    expect(core.target("{port}{localCluster}", "{subset}", cluster, "m1c1")).toBe(
      "9".repeat(500) + "v".repeat(524),
    );
  });

  test.each([
    ["x{host}{port}{localCluster}}", "{subset}{localCluster}}x", "", ""],
    ["{", "{", "{port}, {localCluster} and {host}", "{subset} and {localCluster}"],
    ["{host", "{subset", "{port}, {localCluster} and {host}", "{subset} and {localCluster}"],
    ["{subset}", "{host}", "{port}, {localCluster} and {host}", "{subset} and {localCluster}"],
    ["{host}{subset}", "{port}", "{port}, {localCluster} and {host}", "{subset} and {localCluster}"],
  ])("a template may hold certain names only: %s, %s", (whole, subset, wholeProblem, subsetProblem) => {
    expect(core.templateProblems(whole, false)).toBe(wholeProblem);
    expect(core.templateProblems(subset, true)).toBe(subsetProblem);
  });
});
