import { describe, expect, test } from "vitest";
import type { ExplainOptions } from "../../src/explain/index.ts";
import { explain, orThrow, parsePolicy, type Question } from "../../src/index.ts";
import { readInventory } from "../../src/inventory/kubernetes/model.ts";

/** What a real Istio does (test/istio/explain_test.go), case by case. */

const service = (name: string, ports: number[], namespace = "default") => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {ports: [${ports.map((port) => `{name: http-${port}, port: ${port}}`).join(", ")}]}
---`;

const endpoint = (name: string, pod: string, address: string, namespace = "default", ports = [9080]) => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-${pod}, namespace: ${namespace}, labels: {kubernetes.io/service-name: ${name}}}
endpoints: [{addresses: [${address}], conditions: {ready: true}, targetRef: {kind: Pod, name: ${pod}}}]
ports: [${ports.map((port) => `{name: http-${port}, port: ${port}}`).join(", ")}]
---`;

const pod = (name: string, version: string) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default, labels: {version: ${version}}}
---`;

const cluster = (number: number) =>
  [
    service("reviews", [9080, 9090]) + service("ratings", [9080]) + service("cart", [8080], "shop"),
    service("dns", [9080], "kube-system") + endpoint("dns", "dns", `10.${number}.0.9`, "kube-system"),
    endpoint("reviews", "a", `10.${number}.0.1`) + endpoint("reviews", "b", `10.${number}.0.2`),
    endpoint("ratings", "c", `10.${number}.0.3`) + endpoint("cart", "d", `10.${number}.0.4`, "shop", [8080]),
    pod("a", "v1") + pod("b", "v2"),
  ].join("");

const istio = (kind: string, name: string, spec: object, namespace = "default") =>
  `${JSON.stringify({ apiVersion: "networking.istio.io/v1", kind, metadata: { name, namespace }, spec })}\n---\n`;
const routes = (http: object[], more: object = {}) =>
  istio("VirtualService", "reviews", { hosts: ["reviews"], ...more, http });
const to = (host: string, more: object = {}) => ({ route: [{ destination: { host, ...more } }] });
const subset = (name: string, version: string) => ({ name, labels: { version } });

const STRICT = [{ services: ["default/reviews"], mode: "strict" }];

/** Explains a request of default/sleep in m1c1 to reviews, where the user has these resources. */
function ask(
  resources: string,
  question: Partial<Question> = {},
  rules: object[] = STRICT,
  options?: ExplainOptions,
) {
  const policy = orThrow(
    parsePolicy(JSON.stringify({ version: 1, clusters: ["m1c1", "m1c2"], rules }), "policy.yaml"),
  );
  const files = [1, 2].map((number) => ({
    ...{ file: `m1c${number}.yaml`, cluster: `m1c${number}` },
    text: cluster(number),
  }));
  const all = [...files, { file: "istio.yaml", text: resources }];
  const { inventory, problems } = readInventory(all, policy.clusters, policy.clusterDomain);
  expect(problems).toEqual([]);
  const caller = { namespace: "default", workload: "sleep" };
  const asked = { cluster: "m1c1", caller, host: "reviews:9080", ...question };
  const said = explain(policy, asked, inventory, undefined, options);
  return { ...said, addresses: said.endpoints.allowed.map(({ address }) => address) };
}

describe("explain of an Istio mesh", () => {
  test("a header that claims a pin changes no route", () => {
    const forged = ask("", { headers: [["wasm.cluster_local_pin", "m1c2"]] });
    expect(forged.addresses).toEqual(["10.1.0.1:9080", "10.1.0.2:9080"]);
  });

  test("the filter decides by the service that the route leads to", () => {
    const said = ask(routes([{ match: [{ uri: { prefix: "/r" } }], ...to("ratings") }, to("reviews")]), {
      path: "/r",
    });
    expect(said).toMatchObject({
      decision: "untouched",
      destination: { host: "ratings.default.svc.cluster.local" },
      addresses: ["10.1.0.3:9080", "10.2.0.3:9080"],
    });
  });

  test("weights over two services are two answers in one", () => {
    const [reviews, ratings] = [to("reviews").route[0]!, to("ratings").route[0]!];
    const said = ask(
      routes([
        {
          route: [
            { ...ratings, weight: 30 },
            { ...reviews, weight: 70 },
          ],
        },
      ]),
    );
    expect(
      said.parts?.map(({ share, decision, destination }) => [share, decision, destination.host]),
    ).toEqual([
      [0.7, "strict", "reviews.default.svc.cluster.local"],
      [0.3, "untouched", "ratings.default.svc.cluster.local"],
    ]);
    expect(said.addresses).toEqual(["10.1.0.1:9080", "10.1.0.2:9080", "10.1.0.3:9080", "10.2.0.3:9080"]);
    expect(said.summary).toMatch(
      /^70% of the requests: GET reviews.*strict.* 30% of the requests: GET ratings/,
    );
  });

  test.each([
    ["a redirect", { redirect: { uri: "/new" } }, 301],
    ["a direct response", { directResponse: { status: 403 } }, 403],
    ["a fault", { fault: { abort: { httpStatus: 418, percentage: { value: 100 } } }, ...to("reviews") }, 418],
    ["a service that is not there", to("nobody"), 503],
    ["a port of the listener that the service has not", to("cart.shop.svc.cluster.local"), 503],
    ["a subset that no rule has", to("reviews", { subset: "v9" }), 503],
    ["no route", { match: [{ uri: { exact: "/other" } }], ...to("reviews") }, 404],
    ["a delegate that is not there", { delegate: { name: "nobody" } }, 404],
  ])("%s is told by its status", (_, route, status) => {
    const rest = { match: [{ uri: { prefix: "/never" } }], ...to("reviews") };
    expect(ask(routes([route, rest]))).toMatchObject({ status, addresses: [] });
  });

  test("a delegate's routes are for what both ask for", () => {
    const part = istio("VirtualService", "part", {
      http: [{ match: [{ uri: { prefix: "/a/b" } }], directResponse: { status: 418 } }, to("ratings")],
    });
    const root = routes([{ match: [{ uri: { prefix: "/a" } }], delegate: { name: "part" } }, to("reviews")]);
    expect(ask(root + part, { path: "/a/b" }).status).toBe(418);
    expect(ask(root + part, { path: "/a/c" }).destination.host).toBe("ratings.default.svc.cluster.local");
    expect(ask(root + part, { path: "/c" }).decision).toBe("strict");
  });

  test("where a VirtualService has nothing for the caller, Istio routes to the service, which is kept local, too", () => {
    const said = ask(routes([{ match: [{ sourceNamespace: "shop" }], ...to("ratings") }]));
    expect(said).toMatchObject({ pin: "m1c1", addresses: ["10.1.0.1:9080", "10.1.0.2:9080"], notes: [] });
  });

  test("the labels of Pods tell a subset's endpoints, and the caller's namespace which rule it obeys", () => {
    const rules =
      istio("DestinationRule", "reviews", { host: "reviews", subsets: [subset("one", "v1")] }) +
      istio(
        "DestinationRule",
        "wide",
        { host: "*.default.svc.cluster.local", subsets: [subset("one", "v2")] },
        "shop",
      ) +
      routes([to("reviews", { subset: "one" })]);
    expect(ask(rules).addresses).toEqual(["10.1.0.1:9080"]);
    const shop = { namespace: "shop", workload: "sleep" };
    const said = ask(rules, { caller: shop, host: "reviews.default:9080" });
    expect(said.addresses).toEqual(["10.1.0.2:9080"]);
    expect(said.endpoints.excluded).toContainEqual(
      expect.objectContaining({ address: "10.1.0.1:9080", why: "its pod has not version=v2" }),
    );
  });

  test("rules without callers are not for gateways", () => {
    const rules = [{ services: ["default/ratings"], mode: "prefer" }];
    const gateway = istio("Gateway", "gateway", {
      selector: { istio: "ingress" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    });
    const ingress = `
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: istio-system}
spec: {selector: {istio: ingress}, ports: [{name: http, port: 80}]}
---\n`;
    const route = istio("VirtualService", "edge", {
      hosts: ["*.example.com"],
      gateways: ["gateway"],
      http: [{ match: [{ uri: { prefix: "/" } }], ...to("ratings") }],
    });
    const caller = { namespace: "istio-system", workload: "ingress" };
    const said = ask(ingress + gateway + route, { caller, host: "shop.example.com" }, rules);
    expect(said).toMatchObject({ decision: "off", route: { in: "VirtualService default/edge, http[0]" } });
    expect(said.addresses).toEqual(["10.1.0.3:9080", "10.2.0.3:9080"]);
    expect(ask(ingress + gateway + route, { caller, host: "example.net" }, rules).status).toBe(404);
  });

  test("what Istio keeps in each cluster by itself", () => {
    const said = ask("", { host: "dns.kube-system:9080" });
    expect(said).toMatchObject({ decision: "untouched", addresses: ["10.1.0.9:9080"] });
  });

  test("a caller whose proxy has no filter is not held back", () => {
    const rules = [{ ...STRICT[0], callers: ["shop/*"] }];
    const said = ask("", {}, rules);
    expect(said).toMatchObject({ decision: "untouched", pin: undefined });
    expect(said.addresses).toHaveLength(4);
  });

  test("prefer goes by an aggregate of the clusters' subsets, in order", () => {
    const said = ask("", {}, [{ services: ["default/reviews"], mode: "prefer", order: ["m1c2"] }]);
    expect(said).toMatchObject({ decision: "prefer", pin: "m1c1,m1c2" });
    expect(said.endpoints.allowed.map(({ address, turn }) => [address, turn])).toEqual([
      ["10.1.0.1:9080", 1],
      ["10.1.0.2:9080", 1],
      ["10.2.0.1:9080", 2],
      ["10.2.0.2:9080", 2],
    ]);
  });

  test("a version's subset is intersected with the own cluster, and so are weights", () => {
    const rule = istio("DestinationRule", "reviews", {
      host: "reviews",
      subsets: [subset("one", "v1"), subset("two", "v2")],
    });
    const weighted = routes([
      {
        name: "split",
        route: [
          { destination: { host: "reviews", subset: "one" }, weight: 80 },
          { destination: { host: "reviews", subset: "two" }, weight: 20 },
        ],
      },
    ]);
    expect(ask(rule + weighted).addresses).toEqual(["10.1.0.1:9080", "10.1.0.2:9080"]);
    const one = ask(rule + routes([to("reviews", { subset: "one" })]));
    expect(one.addresses).toEqual(["10.1.0.1:9080"]);
    expect(one.subset).toEqual({ version: "v1", "topology.istio.io/cluster": "m1c1" });
  });

  test.for(["auto", "routes", "endpoints", "mesh-config"] as const)(
    "strict holds with routing %s",
    (routing) => {
      expect(ask("", {}, STRICT, { routing }).addresses).toEqual(["10.1.0.1:9080", "10.1.0.2:9080"]);
    },
  );

  test("a subset that another cluster has is empty under strict: 503, and never another's endpoints", () => {
    const rule = istio("DestinationRule", "reviews", {
      host: "reviews",
      subsets: [{ name: "there", labels: { "topology.istio.io/cluster": "m1c2" } }],
    });
    expect(ask(rule + routes([to("reviews", { subset: "there" })]))).toMatchObject({
      status: 503,
      addresses: [],
    });
  });

  test("a subset that does not exist is told with the nearest name", () => {
    const rule = istio("DestinationRule", "reviews", { host: "reviews", subsets: [subset("v1", "v1")] });
    const said = ask(rule + routes([to("reviews", { subset: "v9" })]));
    expect(said.status).toBe(503);
    expect(said.notes).toContainEqual(expect.stringContaining('the subset v9 (did you mean "v1"?)'));
  });

  test("endpoints are found by the port's name, and what lacks it is said", () => {
    const other = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: extra, namespace: default, labels: {kubernetes.io/service-name: ratings}}
endpoints: [{addresses: [10.9.0.9]}]
ports: [{name: metrics, port: 15020}]
---\n`;
    expect(ask(other, { host: "ratings:9080" }).addresses).toEqual(["10.1.0.3:9080", "10.2.0.3:9080"]);
  });

  const httpRoute = (spec: object, more: object = {}) =>
    `${JSON.stringify({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "reviews", namespace: "default", ...more },
      spec: { parentRefs: [{ group: "", kind: "Service", name: "reviews", port: 9080 }], ...spec },
    })}\n---\n`;

  test("an HTTPRoute of the service is followed, the most specific match first", () => {
    const rules = [
      {
        matches: [{ path: { type: "PathPrefix", value: "/a" } }],
        backendRefs: [{ name: "ratings", port: 9080 }],
      },
      {
        matches: [{ path: { type: "Exact", value: "/a/b" } }],
        backendRefs: [{ name: "reviews", port: 9080 }],
      },
    ];
    const route = httpRoute({ rules });
    expect(ask(route, { path: "/a/c" })).toMatchObject({
      decision: "untouched",
      route: { in: "HTTPRoute default/reviews, rules[0]" },
      addresses: ["10.1.0.3:9080", "10.2.0.3:9080"],
    });
    expect(ask(route, { path: "/a/b" }).addresses).toEqual(["10.1.0.1:9080", "10.1.0.2:9080"]);
    expect(ask(route, { path: "/ab" }).status).toBe(404);
  });

  test("an HTTPRoute elsewhere is for the callers of its own namespace alone", () => {
    const route = httpRoute(
      {
        parentRefs: [{ group: "", kind: "Service", name: "reviews", namespace: "default" }],
        rules: [{ backendRefs: [{ name: "ratings", namespace: "default", port: 9080 }] }],
      },
      { namespace: "shop" },
    );
    expect(ask(route).addresses).toEqual(["10.1.0.1:9080", "10.1.0.2:9080"]);
    const shop = { namespace: "shop", workload: "sleep" };
    expect(ask(route, { caller: shop, host: "reviews.default:9080" }).addresses).toEqual([
      "10.1.0.3:9080",
      "10.2.0.3:9080",
    ]);
  });

  test("what is applied and would be generated otherwise is said", () => {
    const ours = `${JSON.stringify({
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: {
        name: "cluster-local-reviews",
        namespace: "default",
        labels: { "app.kubernetes.io/managed-by": "cluster-local" },
      },
      spec: { host: "reviews.default.svc.cluster.local", subsets: [] },
    })}\n---\n`;
    expect(ask(ours).notes).toEqual([
      "what is applied is not what would be generated: as applied, the request goes to outbound|9080||reviews.default.svc.cluster.local, to endpoints in m1c1, m1c2",
    ]);
  });

  test("a question that needs a caller says so", () => {
    const asking = routes([{ match: [{ sourceNamespace: "shop" }], ...to("ratings") }]);
    const question = { caller: undefined, host: "reviews.default:9080" };
    expect(() => ask(asking, question)).toThrow(
      'caller: missing, allowed: "namespace/workload", for whether VirtualService default/reviews counts depends on it',
    );
    expect(() => ask("", { ...question, host: "reviews:9080" })).toThrow(
      'completes the short name "reviews"',
    );
    expect(ask("", question).addresses).toEqual(["10.1.0.1:9080", "10.1.0.2:9080"]);
  });
});

test("a weight that leads to a subset without endpoints is a part that gets 503", () => {
  const rule = istio("DestinationRule", "r", {
    host: "reviews",
    subsets: [subset("v1", "v1"), subset("v9", "v9")],
  });
  const weighted = (name: string, weight: number) => ({
    ...to("reviews", { subset: name }).route[0],
    weight,
  });
  for (const missing of ["v9", "nowhere"]) {
    const said = ask(rule + routes([{ name: "r", route: [weighted("v1", 60), weighted(missing, 40)] }]));
    expect(said.parts?.map(({ share, decision, status }) => [share, decision, status])).toEqual([
      [0.6, "strict", undefined],
      [0.4, "strict", 503],
    ]);
    expect(said.status).toBeUndefined();
    expect(said.addresses).toEqual(["10.1.0.1:9080"]);
  }
});

test("a fault is decided on for the service that the route leads to", () => {
  const abort = { fault: { abort: { httpStatus: 418, percentage: { value: 100 } } } };
  const said = ask(routes([{ ...abort, ...to("ratings") }]));
  expect(said).toMatchObject({
    decision: "untouched",
    destination: { host: "ratings.default.svc.cluster.local" },
    status: 418,
  });
});

test("for an Envoy cluster that is not there the filter decides by the virtual host", () => {
  const said = ask(routes([to("cart.shop.svc.cluster.local")]));
  expect(said).toMatchObject({
    decision: "strict",
    destination: { host: "reviews.default.svc.cluster.local" },
    status: 503,
  });
});

test("a service is left out by where its requests go, not by the host that they name", () => {
  const unnamed = [{ match: [{ uri: { prefix: "/a" } }], ...to("reviews") }, to("ratings")];
  const rules = [{ services: ["default/reviews"], mode: "prefer" }];
  expect(ask(routes(unnamed), { path: "/a" }, rules).summary).toContain("leaves default/reviews out");
  expect(ask(routes(unnamed), { path: "/b" }, rules).summary).not.toContain("out:");
});

test("what a Sidecar does not import is passed through, and is no destination", () => {
  const egress = (...hosts: string[]) => istio("Sidecar", "s", { egress: [{ hosts }] });
  expect(ask(egress("shop/*")).notes).toEqual([
    "the caller does not see reviews.default.svc.cluster.local: Istio passes the request through",
  ]);
  const cart = to("cart.shop.svc.cluster.local", { port: { number: 8080 } });
  const led = ask(egress("./*") + routes([cart]), {}, []);
  expect(led.addresses).toEqual(["10.1.0.4:8080", "10.2.0.4:8080"]);
  const elsewhere = routes([{ match: [{ sourceNamespace: "other" }, { uri: { prefix: "/" } }], ...cart }]);
  expect(ask(egress("./*") + elsewhere, {}, []).notes[0]).toContain("Sidecar does not import cart.shop");
});
