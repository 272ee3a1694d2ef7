import { describe, expect, test } from "vitest";
import { Host, type Headers, type Properties } from "../../src/wasm/host.ts";
import { answer, module, ratings, reviews, send, start } from "./support.ts";

const reviewsRule = { services: ["default/reviews"], mode: "strict" };
const upstream = (where: string, rule: string, mode: string) =>
  `cluster_local.upstream.${where}.rule=.=${rule};.;mode=.=${mode};.;`;

describe("conditions", () => {
  const rules = [
    { ...reviewsRule, methods: ["GET"], paths: [{ prefix: "/reviews" }] },
    { services: ["default/*"], mode: "observe", methods: ["POST"] },
  ];
  const request = (host: Host, root: number, method: string, path: string, cluster = reviews) =>
    host
      .open(
        root,
        [
          [":method", method],
          [":path", path],
        ],
        { "xds.cluster_name": cluster },
      )
      .request();

  test("decide by the request's method and path", () => {
    const { host, root } = start({ version: 1, rules });
    expect(request(host, root, "GET", "/reviews/0?x=1").values("x-cluster-local")).toEqual(["m1c1"]);
    expect(request(host, root, "GET", "/health").values("x-cluster-local")).toEqual([]);
    expect(request(host, root, "POST", "/reviews/0").values("x-cluster-local")).toEqual([]);
    expect(Object.fromEntries(host.counters)).toEqual({
      "cluster_local.requests.retained": 1,
      "cluster_local.requests.observed": 1,
    });
  });

  test("cost a look at what they ask about, and nothing where no rule asks", () => {
    const { host, root } = start({ version: 1, rules: [...rules, { services: ["b/c"], mode: "strict" }] });
    const looks = (method: string, cluster: string) => {
      host.takeCalls();
      request(host, root, method, "/", cluster);
      return host.takeCalls().flatMap(({ args }) => args.filter((each) => String(each).startsWith(":")));
    };
    expect(looks("GET", reviews)).toEqual([":method", ":path", ":method"]);
    expect(looks("PUT", reviews)).toEqual([":method", ":method"]);
    expect(looks("GET", ratings)).toEqual([":method"]);
    expect(looks("GET", "outbound|80||c.b.svc.cluster.local")).toEqual([]);
    expect(looks("GET", "outbound|80||x.example.com")).toEqual([]);
  });
});

describe("callers", () => {
  const caller = (namespace?: string, workload?: string): Properties => ({
    "xds.node.metadata.CLUSTER_ID": "m1c1",
    ...(namespace !== undefined && { "xds.node.metadata.NAMESPACE": namespace }),
    ...(workload !== undefined && { "xds.node.metadata.WORKLOAD_NAME": workload }),
  });
  const configuration = { version: 1, rules: [{ ...reviewsRule, callers: ["default/productpage-*"] }] };

  test.each([
    ["default", "productpage-v1", ["m1c1"]],
    ["default", "details-v1", []],
    ["shop", undefined, []],
  ])("%s/%s", (namespace, workload, pin) => {
    const { host, root } = start(configuration, caller(namespace, workload));
    expect(send(host, root, reviews).values("x-cluster-local")).toEqual(pin);
  });

  test.each<[string | undefined, string | undefined, string]>([
    [undefined, "productpage-v1", "NAMESPACE"],
    ["", "productpage-v1", "NAMESPACE"],
    ["\x02\0", "productpage-v1", "NAMESPACE"],
    ["default", undefined, "WORKLOAD_NAME"],
    ["default", "no label", "WORKLOAD_NAME"],
  ])("a proxy that calls itself %j/%j lacks %s: refused", (namespace, workload, missing) => {
    const host = Host.start(module, caller(namespace, workload));
    expect(host.root(JSON.stringify(configuration)).accepted).toBe(false);
    expect(host.log).toEqual([
      `error: cluster_local: configuration refused: rules[0].callers[0]: the proxy's node metadata has no ${missing} to compare with`,
    ]);
  });
});

describe("percent", () => {
  const half = (sticky?: object) => ({
    version: 1,
    rules: [{ ...reviewsRule, percent: 50, ...(sticky && { sticky }) }],
  });
  const share = (host: Host, root: number, headersOf: (i: number) => Headers) => {
    let pinned = 0;
    for (let i = 0; i < 2000; i++) {
      const stream = send(host, root, reviews, headersOf(i));
      pinned += stream.values("x-cluster-local").length;
      stream.end();
    }
    return pinned;
  };

  test("the rest is left alone, and counted as if the rule were off", () => {
    const { host, root } = start({ version: 1, rules: [{ ...reviewsRule, percent: 0 }] });
    const stream = answer(send(host, root, reviews, [["x-cluster-local", "forged"]]), "m1c2");
    expect(stream.values("x-cluster-local")).toEqual([]);
    expect(stream.filterState["wasm.cluster_local"]).toBe("mode=off;rule=default/reviews;where=remote");
    expect(Object.fromEntries(host.counters)).toEqual({
      "cluster_local.forged": 1,
      "cluster_local.requests.bypassed": 1,
      [upstream("remote", "default/reviews", "off")]: 1,
    });
  });

  test("both sorts are counted apart", () => {
    const { host, root } = start(half({ header: "x-user" }));
    const pins = new Map<string, number>();
    for (let i = 0; i < 40; i++) {
      const stream = answer(send(host, root, reviews, [["x-user", `${i}`]]), "m1c1");
      const mode = stream.values("x-cluster-local").length > 0 ? "strict" : "off";
      pins.set(mode, (pins.get(mode) ?? 0) + 1);
    }
    expect(pins.size).toBe(2);
    for (const [mode, count] of pins) {
      expect(host.counters.get(upstream("local", "default/reviews", mode))).toBe(count);
    }
  });

  test.each<[string, object | undefined, (i: number) => Headers]>([
    ["the request id", undefined, (i) => [["x-request-id", `id-${i}`]]],
    ["the stream, without one", undefined, () => []],
    [
      "a header",
      { header: "x-user" },
      (i) => [
        ["x-user", `${i}`],
        ["x-request-id", "1"],
      ],
    ],
    [
      "a cookie",
      { cookie: "user" },
      (i) => [
        ["cookie", `a=b; user=${i}`],
        ["x-request-id", "1"],
      ],
    ],
    [
      "the request id, without the cookie",
      { cookie: "user" },
      (i) => [
        ["cookie", "a=b"],
        ["x-request-id", `${i}`],
      ],
    ],
  ])("by %s", (_, sticky, headersOf) => {
    const { host, root } = start(half(sticky));
    const pinned = share(host, root, headersOf);
    expect(pinned).toBeGreaterThan(850);
    expect(pinned).toBeLessThan(1150);
  });

  test("the same user stays, whatever the request", () => {
    const { host, root } = start(half({ header: "x-user" }));
    const pinned = share(host, root, (i) => [
      ["x-user", "u"],
      ["x-request-id", `${i}`],
    ]);
    expect([0, 2000]).toContain(pinned);
  });

  test("host calls: one more, for the value", () => {
    const { host, root } = start({ version: 1, rules: [{ ...reviewsRule, percent: 99.99 }] });
    const headers: Headers = [["x-request-id", "1"]];
    send(host, root, reviews, headers).end();
    host.takeCalls();
    send(host, root, reviews, headers);
    expect(host.takeCalls().map(({ args }) => args.at(-1))).toEqual([
      "xds.cluster_name",
      "x-request-id",
      "x-cluster-local",
      "x-cluster-local-order",
      "cluster_local.requests.retained",
    ]);
  });
});

describe("names", () => {
  const names = { "my-reviews": "default/reviews", [ratings]: "default/reviews", www: "www.example.com" };
  const rules = [reviewsRule, { hosts: ["*.example.com"], mode: "strict" }];
  test.each([
    ["my-reviews", ["m1c1"]],
    ["MY-Reviews", ["m1c1"]],
    ["www", ["m1c1"]],
    [reviews, ["m1c1"]],
    // What is named is what it is said to be, whatever it looks like.
    [ratings, ["m1c1"]],
    ["my-ratings", []],
  ])("%s: %j", (cluster, pin) => {
    const { host, root } = start({ version: 1, names, rules });
    const properties = { "xds.cluster_name": cluster };
    expect(host.open(root, [], properties).request().values("x-cluster-local")).toEqual(pin);
  });

  test("a target has HTTP's port, since a name says none", () => {
    const { host, root } = start({ version: 1, names, rules, pin: { via: "cluster" } });
    expect(send(host, root, "my-reviews").values("x-cluster-local-target")).toEqual([
      "outbound|80|m1c1|reviews.default.svc.cluster.local",
    ]);
  });
});

describe("absent: an observed request that would have failed", () => {
  const rules = [
    { services: ["default/*"], mode: "observe" },
    { services: ["default/reviews"], mode: "strict" },
    { services: ["default/details"], mode: "observe", percent: 0 },
  ];
  const absent = { m1c1: ["default/ratings", "default/reviews", "default/details"], m1c2: ["default/other"] };
  const to = (name: string) => `outbound|80||${name}.default.svc.cluster.local`;
  const wouldFail = "cluster_local.would_fail.rule=.=default/*;.;mode=.=observe;.;";

  test("is counted by its rule, once a request", () => {
    const { host, root } = start({ version: 1, rules, absent });
    for (const name of ["ratings", "RATINGS", "reviews", "details", "other"])
      send(host, root, to(name)).end();
    const counted = [...host.counters].filter(([name]) => name.includes("would_fail"));
    expect(counted).toEqual([[wouldFail, 2]]);
  });

  test("is counted for the configuration's own local cluster", () => {
    const { host, root } = start({ version: 1, rules, absent, localCluster: "m1c2" });
    for (const name of ["ratings", "other"]) send(host, root, to(name));
    expect(host.counters.get(wouldFail)).toBe(1);
  });

  test("costs one call more", () => {
    const { host, root } = start({ version: 1, rules, absent });
    send(host, root, ratings);
    host.takeCalls();
    send(host, root, ratings);
    expect(host.takeCalls().map(({ args }) => args.at(-1))).toEqual([
      "xds.cluster_name",
      "x-cluster-local",
      "x-cluster-local-order",
      "cluster_local.requests.observed",
      wouldFail,
    ]);
  });
});

describe("a guess", () => {
  const to = (rules: object[], authority: string) => {
    const { host, root } = start({ version: 1, rules });
    return host
      .open(root, [[":authority", authority]])
      .request()
      .values("x-cluster-local");
  };
  test("of two labels is a service only to those who name its namespace", () => {
    expect(to([{ services: ["*"], mode: "strict" }], "example.com")).toEqual([]);
    expect(to([{ services: ["com/*"], mode: "strict" }], "example.com")).toEqual(["m1c1"]);
    expect(to([{ services: ["*"], mode: "strict" }], "example.com.svc")).toEqual(["m1c1"]);
    expect(to([{ services: ["*"], mode: "strict" }], "reviews")).toEqual(["m1c1"]);
    expect(to([{ hosts: ["example.com"], mode: "strict" }], "example.com")).toEqual(["m1c1"]);
  });
});

test("names of any length in a cluster's name, and templates of any kind, write within bounds", () => {
  const long = (size: number) => "9".repeat(size);
  const host253 = `${"a".repeat(60)}.`.repeat(4) + "a".repeat(9);
  for (const [template, cluster] of [
    ["outbound|{port}|{localCluster}|{host}", `outbound|${long(500_000)}||${host253}`],
    ["{localCluster}".repeat(18), `outbound|80|${long(500_000)}|${host253}`],
    ["{host}".repeat(42), `outbound|80||${host253}`],
  ]) {
    const pin = { via: "cluster", template, subsetTemplate: "{subset}".repeat(31) };
    const { host, root } = start({ version: 1, pin, rules: [{ hosts: ["*"], mode: "strict" }] });
    for (let i = 0; i < 3; i++) {
      const [target] = send(host, root, cluster!).values("x-cluster-local-target");
      expect(target!.length).toBeLessThanOrEqual(1024);
    }
    expect(send(host, root, reviews).values("x-cluster-local-target")).toHaveLength(1);
  }
});
