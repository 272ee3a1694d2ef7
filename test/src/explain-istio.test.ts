import { describe, expect, test } from "vitest";
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
function ask(resources: string, question: Partial<Question> = {}, rules: object[] = STRICT) {
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
  const said = explain(policy, { cluster: "m1c1", caller, host: "reviews:9080", ...question }, inventory);
  return { ...said, addresses: said.endpoints.allowed.map(({ address }) => address) };
}

describe("explain of an Istio mesh", () => {
  test("a forged header is the filter's to take off, and changes no route", () => {
    const forged = ask("", { headers: [["X-Cluster-Local", "m1c2"]] });
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

  test("where a VirtualService has nothing for the caller, Istio routes to the service, and nothing retains", () => {
    const said = ask(routes([{ match: [{ sourceNamespace: "shop" }], ...to("ratings") }]));
    expect(said.addresses).toHaveLength(4);
    expect(said.notes).toEqual([
      expect.stringContaining(
        "not known: generate istio refuses these resources (istio.yaml: VirtualService",
      ),
      "its route does not keep it in m1c1: it may go to m1c2",
    ]);
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

  test("prefer is Istio's order of localities, whoever calls", () => {
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
    expect(said.endpoints.allowed.map(({ address, turn }) => [address, turn])).toEqual([
      ["10.1.0.3:9080", 1],
      ["10.2.0.3:9080", 2],
    ]);
    expect(ask(ingress + gateway + route, { caller, host: "example.net" }, rules).status).toBe(404);
  });

  test("what Istio keeps in each cluster by itself", () => {
    const said = ask("", { host: "dns.kube-system:9080" });
    expect(said).toMatchObject({ decision: "untouched", addresses: ["10.1.0.9:9080"] });
  });

  test("a caller whose proxy has no filter is not held back, and keeps what it forges", () => {
    const rules = [{ ...STRICT[0], callers: ["shop/*"] }];
    expect(ask("", {}, rules).addresses).toHaveLength(4);
    const forged = ask("", { headers: [["x-cluster-local", "m1c1"]] }, rules);
    expect(forged).toMatchObject({ decision: "untouched", headers: { removed: [] } });
    expect(forged.addresses).toEqual(["10.1.0.1:9080", "10.1.0.2:9080"]);
  });
});
