import { describe, expect, test } from "vitest";
import { matches, type RoutedRequest } from "../../src/explain/istio-match.ts";

const request: RoutedRequest = {
  headers: [
    [":authority", "reviews:9080"],
    [":path", "/api/v1/Items?page=2&empty="],
    [":method", "GET"],
    ["x-user", "jason"],
  ],
  port: 9080,
  cluster: "m1c1",
  clusterLabel: "topology.istio.io/cluster",
  namespace: "default",
};

/** networking.istio.io HTTPMatchRequest, field by field. */
describe("a route of a VirtualService", () => {
  test.each([
    [{}, "yes"],
    [{ match: [] }, "yes"],
    [{ match: [{ uri: { exact: "/api/v1/Items" } }] }, "yes"],
    [{ match: [{ uri: { exact: "/api/v1/items" } }] }, "no"],
    [{ match: [{ uri: { exact: "/api/v1/items" }, ignoreUriCase: true }] }, "yes"],
    [{ match: [{ uri: { prefix: "/api" } }] }, "yes"],
    [{ match: [{ uri: { regex: "/api/v[0-9]+/.*" } }] }, "yes"],
    [{ match: [{ uri: { regex: "/api/v[0-9]+" } }] }, "no"],
    [{ match: [{ method: { exact: "POST" } }, { method: { exact: "GET" } }] }, "yes"],
    [{ match: [{ uri: { prefix: "/api" }, method: { exact: "POST" } }] }, "no"],
    [{ match: [{ authority: { prefix: "reviews" } }] }, "yes"],
    [{ match: [{ headers: { "X-User": { exact: "jason" } } }] }, "yes"],
    [{ match: [{ headers: { "x-user": {} } }] }, "yes"],
    [{ match: [{ headers: { "x-other": {} } }] }, "no"],
    [{ match: [{ withoutHeaders: { "x-user": { exact: "jason" } } }] }, "no"],
    [{ match: [{ withoutHeaders: { "x-other": {} } }] }, "yes"],
    [{ match: [{ queryParams: { page: { exact: "2" } } }] }, "yes"],
    [{ match: [{ queryParams: { page: { exact: "3" } } }] }, "no"],
    [{ match: [{ port: 9080 }] }, "yes"],
    [{ match: [{ port: 80 }] }, "no"],
    [{ match: [{ sourceNamespace: "default" }] }, "yes"],
    [{ match: [{ sourceNamespace: "payments" }] }, "no"],
    [{ match: [{ gateways: ["mesh", "public"] }] }, "yes"],
    [{ match: [{ gateways: ["public"] }] }, "no"],
    [{ match: [{ sourceLabels: { "topology.istio.io/cluster": "m1c1" } }] }, "yes"],
    [{ match: [{ sourceLabels: { "topology.istio.io/cluster": "m1c2" } }] }, "no"],
    [{ match: [{ sourceLabels: { app: "sleep" } }] }, "unsure"],
    [{ match: [{ sourceLabels: { app: "sleep" } }, { method: { exact: "GET" } }] }, "yes"],
  ])("%j takes the request: %s", (route, expected) => {
    expect(matches(route, request)).toBe(expected);
  });
});
