import { beforeAll, describe, expect, test } from "vitest";
import { type Caller, type Core, loadCore, problems } from "./core.ts";

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

const reviews = "reviews.default.svc.cluster.local";

/** Compiles rules for a caller; they must be good. */
function compile(rules: object[], caller?: Caller): void {
  expect(problems(core, { version: 1, clusters: ["m1c1", "m1c2"], rules }, caller)).toEqual([]);
}

/** The rule for `GET /api/v1` to reviews, unless told otherwise. */
function ruleFor({ host = reviews, method = "GET", path = "/api/v1", guessed = false } = {}): string {
  return core.ruleFor(host, guessed, [`:method: ${method}`, `:path: ${path}`]);
}

describe("conditions: the first rule of the same hosts that takes the request is obeyed", () => {
  beforeAll(() => {
    compile([
      {
        services: ["default/reviews"],
        mode: "strict",
        methods: ["GET", "HEAD"],
        paths: [{ prefix: "/api" }],
      },
      { services: ["default/reviews"], mode: "prefer", methods: ["POST"] },
      { hosts: ["reviews.default.svc.cluster.local"], mode: "off", paths: [{ exact: "/health" }] },
      { services: ["default/*"], mode: "observe", paths: [{ exact: "/other" }, { prefix: "/x" }] },
      { hosts: ["*.cluster.local"], mode: "prefer", methods: ["PUT"] },
      { hosts: ["*"], mode: "off", methods: ["DELETE"] },
      { hosts: ["*"], mode: "observe", methods: ["PATCH"] },
    ]);
  });

  test.each([
    ["GET", "/api/v1", "default/reviews strict"],
    ["HEAD", "/api", "default/reviews strict"],
    ["GET", "/apis?x=/api", "default/reviews strict"],
    ["GET", "/ap", ""],
    ["GET", "/?/api", ""],
    ["POST", "/api/v1", "default/reviews prefer"],
    ["POST", "/health", "default/reviews prefer"],
    ["GET", "/health", "reviews.default.svc.cluster.local off"],
    ["GET", "/health?deep=1", "reviews.default.svc.cluster.local off"],
    ["GET", "/health/", ""],
    ["GET", "/Health", ""],
    ["GET", "/other", "default/* observe"],
    ["PUT", "/other", "default/* observe"],
    ["GET", "/xyz", "default/* observe"],
    ["PUT", "/", "*.cluster.local prefer"],
    ["put", "/", ""],
    ["DELETE", "/", "* off"],
    ["PATCH", "/", "* observe"],
    ["OPTIONS", "*", ""],
  ])("%s %s: %j", (method, path, rule) => {
    expect(ruleFor({ method, path })).toBe(rule);
  });

  test("other hosts begin further up", () => {
    expect(ruleFor({ host: "ratings.default.svc.cluster.local" })).toBe("");
    expect(ruleFor({ host: "ratings.default.svc.cluster.local", path: "/other" })).toBe("default/* observe");
    expect(ruleFor({ host: "a.b.svc.cluster.local", method: "PUT" })).toBe("*.cluster.local prefer");
    expect(ruleFor({ host: "example.com", method: "PATCH" })).toBe("* observe");
  });

  test("a request without a method or a path meets no condition on it", () => {
    expect(core.ruleFor(reviews, false, [])).toBe("");
    expect(core.ruleFor(reviews, false, [":method: GET"])).toBe("");
    expect(core.ruleFor(reviews, false, [":path: /health"])).toBe("reviews.default.svc.cluster.local off");
  });
});

test("a rule without conditions takes what those before it leave, and hides those after it", () => {
  compile([
    { services: ["default/reviews"], mode: "strict", methods: ["GET"] },
    { services: ["default/reviews"], mode: "off" },
    { services: ["default/reviews"], mode: "observe", methods: ["POST"] },
    { services: ["default/*"], mode: "strict" },
  ]);
  expect(ruleFor()).toBe("default/reviews strict");
  expect(ruleFor({ method: "POST" })).toBe("default/reviews off");
  expect(ruleFor({ host: "a.default.svc.cluster.local" })).toBe("default/* strict");
});

describe("callers: rules for others are passed over", () => {
  const rules = [
    { services: ["default/reviews"], mode: "strict", callers: ["default/productpage-*", "shop/cart"] },
    { services: ["default/reviews"], mode: "off", callers: ["*/gateway"] },
    { services: ["default/*"], mode: "observe", callers: ["default/*", "ops*/*"] },
    { hosts: ["*"], mode: "off" },
  ];
  test.each([
    ["default", "productpage-v1", "default/reviews strict"],
    ["default", "productpage-", "default/reviews strict"],
    ["default", "productpage", "default/* observe"],
    ["shop", "cart", "default/reviews strict"],
    ["shop", "cart2", "* off"],
    ["shop", "gateway", "default/reviews off"],
    ["default", "gateway", "default/reviews off"],
    ["ops", "x", "default/* observe"],
    ["ops-eu", "x", "default/* observe"],
    ["op", "x", "* off"],
    ["other", "productpage-v1", "* off"],
  ])("%s/%s: %s", (namespace, workload, rule) => {
    compile(rules, { namespace, workload });
    expect(ruleFor()).toBe(rule);
  });

  test("a rule may be for any caller, known or not", () => {
    const any = [{ services: ["default/reviews"], mode: "strict", callers: ["*/*"] }];
    compile(any, { namespace: null, workload: null });
    expect(ruleFor()).toBe("default/reviews strict");
  });

  test("nothing is left when every rule is for others", () => {
    compile([{ services: ["default/reviews"], mode: "strict", callers: ["a/b"] }]);
    expect(ruleFor()).toBe("");
  });

  test("metadata is only missed where a rule would compare with it", () => {
    const of = (callers: string[], caller: Caller) =>
      problems(core, { version: 1, rules: [{ services: ["a/b"], mode: "off", callers }] }, caller);
    expect(of(["default/*", "*/*"], { workload: null })).toEqual([]);
    expect(of(["other/cart"], { workload: null })).toEqual([]);
    expect(of(["*/cart"], { namespace: null })).toEqual([]);
    expect(of(["*/*", "default/cart", "a/b"], { workload: null })).toEqual([
      "rules[0].callers[1]: the proxy's node metadata has no WORKLOAD_NAME to compare with",
    ]);
    expect(of(["shop/cart", "shop*/*"], { namespace: null, workload: null })).toEqual([
      "rules[0].callers[0]: the proxy's node metadata has no NAMESPACE to compare with",
      "rules[0].callers[1]: the proxy's node metadata has no NAMESPACE to compare with",
    ]);
  });
});

describe("an authority of two labels is a service only to patterns that name its namespace", () => {
  test.each([
    ["a service", { services: ["com/example"] }, "com/example strict"],
    ["every service of the namespace", { services: ["com/*"] }, "com/* strict"],
    ["every service", { services: ["*"] }, "untouched"],
    ["every service, as hosts", { hosts: ["*.svc.cluster.local"] }, "untouched"],
    ["all that is in the domain", { hosts: ["*.local"] }, "untouched"],
    ["the host as it is", { hosts: ["example.com"] }, "example.com strict"],
    ["a suffix of it", { hosts: ["*.com"] }, "*.com strict"],
    ["every host", { hosts: ["*"] }, "* strict"],
    ["both", { services: ["*", "com/*"], hosts: ["*", "example.com"] }, "com/* strict"],
  ])("%s", (_, patterns, decision) => {
    compile([{ ...patterns, mode: "strict" }]);
    expect(core.decisionFor("example.com", [], 0)).toBe(decision);
    expect(core.decisionFor("Example.com.:80", [], 0)).toBe(decision);
  });

  test("and what takes it as a service under other conditions leaves it to the host", () => {
    compile([
      { services: ["com/example"], mode: "off", methods: ["PUT"] },
      { hosts: ["example.com"], mode: "observe" },
    ]);
    expect(core.decisionFor("example.com", [":method: PUT"], 0)).toBe("com/example off");
    expect(core.decisionFor("example.com", [":method: GET"], 0)).toBe("example.com observe");
  });
});

describe("a host that is a guess is left to patterns that name its namespace", () => {
  const guess = "example.com.svc.cluster.local";
  test.each([
    [[{ services: ["com/example"], mode: "strict" }], "com/example strict"],
    [[{ services: ["com/*"], mode: "strict" }], "com/* strict"],
    [[{ services: ["*"], mode: "strict" }], ""],
    [[{ hosts: ["*"], mode: "strict" }], ""],
    [
      [
        { services: ["com/*"], mode: "strict", methods: ["POST"] },
        { services: ["*"], mode: "off" },
      ],
      "",
    ],
  ])("%j: %j", (rules, rule) => {
    compile(rules);
    expect(ruleFor({ host: guess, guessed: true })).toBe(rule);
  });
});

test("more than thirty dots are looked through like fewer", () => {
  const deep = `${"a.".repeat(40)}example.com`;
  compile([
    { hosts: [`*.${deep}`], mode: "strict" },
    { hosts: [`*.${"a.".repeat(35)}example.com`, "*.com"], mode: "off" },
  ]);
  expect(ruleFor({ host: `b.${deep}` })).toBe(`*.${deep} strict`);
  expect(ruleFor({ host: deep })).toBe(`*.${"a.".repeat(35)}example.com off`);
  expect(ruleFor({ host: `${"a.".repeat(33)}example.com` })).toBe("*.com off");
});

test("what a rule that is refused or shared says is not said of the next", () => {
  const plain = { services: ["a/b"], mode: "strict" };
  const rules = [...Array(5).keys()].map((i) => ({ ...plain, services: [`a/b${i}`] }));
  compile(rules);
  for (const i of rules.keys()) expect(ruleFor({ host: `b${i}.a.svc.cluster.local` })).toBe(`a/b${i} strict`);
});

test("an order that is refused is refused of its own rule only", () => {
  const rules = [
    { services: ["a/b"], mode: "strict", order: ["m1c2"] },
    { services: ["a/c"], mode: "strict" },
  ];
  expect(problems(core, { version: 1, rules })).toEqual(['rules[0].order: allowed only with mode "prefer"']);
});
