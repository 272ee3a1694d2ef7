import { describe, expect, test } from "vitest";
import { Host, type Headers, type Properties } from "../../src/wasm/host.ts";
import { callsOf, counters, module, ratings, reviews, send, start } from "./support.ts";

const reviewsRule = { services: ["default/reviews"], mode: "strict" };
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
    expect(request(host, root, "GET", "/reviews/0?x=1").pin).toBe("m1c1");
    expect(request(host, root, "GET", "/health").pin).toBeUndefined();
    expect(request(host, root, "POST", "/reviews/0").pin).toBeUndefined();
    expect(counters(host)).toEqual({ "requests.retained": 1, "requests.observed": 1 });
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
    ["default", "productpage-v1", "m1c1"],
    ["default", "details-v1", undefined],
    ["shop", undefined, undefined],
  ])("%s/%s", (namespace, workload, pin) => {
    const { host, root } = start(configuration, caller(namespace, workload));
    expect(send(host, root, reviews).pin).toBe(pin);
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
      if (send(host, root, reviews, headersOf(i)).pin !== undefined) pinned++;
    }
    return pinned;
  };

  test("the rest is left alone, and counted as if the rule were off", () => {
    const { host, root } = start({ version: 1, rules: [{ ...reviewsRule, percent: 0 }] });
    const stream = send(host, root, reviews);
    expect(stream.pin).toBeUndefined();
    expect(stream.state).toEqual({ rule: "default/reviews", mode: "off" });
    expect(counters(host)).toEqual({ "requests.bypassed": 1 });
  });

  test("both sorts are told apart, in state and counters", () => {
    const { host, root } = start(half({ header: "x-user" }));
    const modes: Record<string, number> = { strict: 0, off: 0 };
    for (let i = 0; i < 40; i++) {
      const { pin, state } = send(host, root, reviews, [["x-user", `${i}`]]);
      expect(state?.mode).toBe(pin === undefined ? "off" : "strict");
      modes[state!.mode]!++;
    }
    expect(Math.min(...Object.values(modes))).toBeGreaterThan(5);
    expect(counters(host)).toEqual({ "requests.retained": modes.strict, "requests.bypassed": modes.off });
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
    expect(callsOf(host, root, reviews, [["x-request-id", "1"]])).toEqual([
      "get_property xds.cluster_name",
      "get_header_map_value x-request-id",
      "set_property cluster_local_pin",
      "set_property cluster_local_rule",
      "set_property cluster_local_mode",
      "call_foreign_function clear_route_cache",
      "increment_metric cluster_local.requests.retained",
    ]);
  });
});

describe("names", () => {
  const names = { "my-reviews": "default/reviews", [ratings]: "default/reviews", www: "www.example.com" };
  const rules = [reviewsRule, { hosts: ["*.example.com"], mode: "strict" }];
  test.each([
    ["my-reviews", "m1c1"],
    ["MY-Reviews", "m1c1"],
    ["www", "m1c1"],
    [reviews, "m1c1"],
    // What is named is what it is said to be, whatever it looks like.
    [ratings, "m1c1"],
    ["my-ratings", undefined],
  ])("%s: %s", (cluster, pin) => {
    const { host, root } = start({ version: 1, names, rules });
    const properties = { "xds.cluster_name": cluster };
    expect(host.open(root, [], properties).request().pin).toBe(pin);
  });
});

describe("a guess", () => {
  const to = (rules: object[], authority: string) => {
    const { host, root } = start({ version: 1, rules });
    return host.open(root, [[":authority", authority]]).request().pin;
  };
  test("of two labels is a service only to those who name its namespace", () => {
    expect(to([{ services: ["*"], mode: "strict" }], "example.com")).toBeUndefined();
    expect(to([{ services: ["com/*"], mode: "strict" }], "example.com")).toBe("m1c1");
    expect(to([{ services: ["*"], mode: "strict" }], "example.com.svc")).toBe("m1c1");
    expect(to([{ services: ["*"], mode: "strict" }], "reviews")).toBe("m1c1");
    expect(to([{ hosts: ["example.com"], mode: "strict" }], "example.com")).toBe("m1c1");
  });
});
