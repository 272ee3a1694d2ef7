import { describe, expect, test } from "vitest";
import { isFor, translated, type IstioProxy } from "../../src/explain/istio-match.ts";
import { takes } from "../../src/explain/route-match.ts";

const proxy: IstioProxy = {
  cluster: "m1c1",
  namespace: "default",
  labels: { "topology.istio.io/cluster": "m1c1", app: "sleep" },
  gateways: new Set(["mesh"]),
  port: 9080,
};
const headers: [string, string][] = [
  [":authority", "reviews:9080"],
  [":path", "/api/v1/Items?page=2&empty=&coded=%20"],
  [":method", "GET"],
  ["x-user", "jason"],
  ["x-twice", "a"],
  ["x-twice", "b"],
];

/** networking.istio.io HTTPMatchRequest, field by field. */
describe("a route of a VirtualService", () => {
  test.each([
    [{}, true],
    [{ uri: { exact: "/api/v1/Items" } }, true],
    [{ uri: { exact: "/api/v1/items" } }, false],
    [{ uri: { exact: "/api/v1/items" }, ignoreUriCase: true }, true],
    [{ uri: { prefix: "/api" } }, true],
    [{ uri: { regex: "/api/v[0-9]+/.*" } }, true],
    [{ uri: { regex: "/api/v[0-9]+" } }, false],
    [{ uri: { regex: "(?i)/API/.*" } }, true],
    [{ uri: { prefix: "/api" }, method: { exact: "POST" } }, false],
    [{ authority: { prefix: "reviews" } }, true],
    [{ headers: { "X-User": { exact: "jason" } } }, true],
    [{ headers: { "x-user": { exact: "" } } }, false],
    [{ headers: { "x-user": {} } }, true],
    [{ headers: { "x-user": { regex: "*" } } }, true],
    [{ headers: { "x-other": {} } }, false],
    [{ withoutHeaders: { "x-user": { exact: "jason" } } }, false],
    [{ withoutHeaders: { "x-user": { exact: "other" } } }, true],
    [{ withoutHeaders: { "x-other": {} } }, true],
    [{ withoutHeaders: { "x-other": { regex: ".*" } } }, false],
    [{ queryParams: { page: { exact: "2" } } }, true],
    [{ queryParams: { page: { exact: "3" } } }, false],
    [{ queryParams: { empty: {} } }, true],
    [{ queryParams: { coded: { exact: "%20" } } }, true],
  ])("that asks for %j takes the request: %s", (match, expected) => {
    expect(takes(translated(match), headers)).toBe(expected ? "yes" : "no");
  });

  test.each([
    // No JavaScript: RE2 has neither, and the port of it says so.
    { uri: { regex: "/(?=api).*" } },
    { uri: { regex: "/(a)\\1" } },
    // Envoy 1.39 and newer compare each value, older ones both as one.
    { headers: { "x-twice": { exact: "a,b" } } },
    { headers: { "x-twice": { exact: "a" } } },
    { withoutHeaders: { "x-twice": { exact: "b" } } },
    { headers: { "@request.auth.claims.group": { exact: "dev" } } },
  ])("that asks for %j may take the request: not known", (match) => {
    expect(takes(translated(match), headers)).toBe("unsure");
  });

  test("that backtracking would never decide is decided at once", () => {
    const path: [string, string] = [":path", `/${"a".repeat(10_000)}`];
    const since = performance.now();
    expect(takes(translated({ uri: { regex: "/(a+)+x" } }), [path])).toBe("no");
    expect(performance.now() - since).toBeLessThan(1000);
  });

  test.each([
    [{}, "yes"],
    [{ port: 9080 }, "yes"],
    [{ port: 80 }, "no"],
    [{ sourceNamespace: "default" }, "yes"],
    [{ sourceNamespace: "payments" }, "no"],
    [{ gateways: ["mesh", "default/public"] }, "yes"],
    [{ gateways: ["default/public"] }, "no"],
    [{ gateways: ["mesh"], sourceLabels: { app: "other" } }, "yes"],
    [{ sourceLabels: { "topology.istio.io/cluster": "m1c1" } }, "yes"],
    [{ sourceLabels: { "topology.istio.io/cluster": "m1c2" } }, "no"],
    [{ sourceLabels: { app: "sleep" } }, "yes"],
    [{ sourceLabels: { app: "sleep", version: "v1" } }, "unsure"],
    [{ sourceLabels: { app: "other", version: "v1" } }, "no"],
  ])("that asks for %j is for the proxy: %s", (match, expected) => {
    expect(isFor(match, proxy)).toBe(expected);
  });
});
