import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { countBy, sendMany } from "../support/load.ts";
import { send, type HttpRequest } from "../support/http-client.ts";
import { replaceConfiguration, watchDelivery } from "../support/ecds.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { managerOf, startExtra, type ExtraEnvoy } from "./extra-envoy.ts";
import { policy, twoClusters } from "./two-clusters.ts";

// Every way in which Envoy can come by a cluster, and what may happen to a request on its way there.

const cluster = (name: string) => `${name}.default.svc.cluster.local:9080`;
const rules = [{ services: ["default/reviews"], mode: "strict" }];

let mesh: TestMesh;
let extra: ExtraEnvoy;
beforeAll(async () => {
  const reply = ({ path }: { path: string }) => {
    if (path === "/unavailable") return { status: 503 };
    if (path === "/moved") return { status: 302, headers: { location: "http://shop.example/by-name" } };
    return {};
  };
  const services = ["default/reviews", "default/ratings"].map((service) => ({ service, reply }));
  mesh = await startMesh(twoClusters(policy(rules), services));
  extra = await startExtra(mesh, "m1c1/sleep", "routes", ({ static_resources: { listeners, clusters } }) => {
    const to = (match: object, route: object) => ({ match, route: { timeout: "5s", ...route } });
    const { route_config } = managerOf(listeners[0]!);
    route_config.validate_clusters = false;
    route_config.virtual_hosts = [
      {
        name: "shop",
        domains: ["shop.example"],
        routes: [
          to(
            { path: "/weighted" },
            {
              weighted_clusters: {
                clusters: [
                  { name: cluster("reviews"), weight: 50 },
                  { name: cluster("ratings"), weight: 50 },
                ],
              },
            },
          ),
          to({ path: "/by-header" }, { cluster_header: "x-to" }),
          to(
            { path: "/by-script" },
            {
              inline_cluster_specifier_plugin: {
                extension: {
                  name: "lua",
                  typed_config: {
                    "@type":
                      "type.googleapis.com/envoy.extensions.router.cluster_specifiers.lua.v3.LuaConfig",
                    source_code: {
                      inline_string: `function envoy_on_route(_) return "${cluster("reviews")}" end`,
                    },
                    default_cluster: cluster("ratings"),
                  },
                },
              },
            },
          ),
          to({ path: "/by-name" }, { cluster: cluster("reviews") }),
          to(
            { path: "/moved" },
            {
              cluster: cluster("reviews"),
              internal_redirect_policy: { max_internal_redirects: 2, allow_cross_scheme_redirect: true },
            },
          ),
          to({ path: "/rewritten" }, { cluster: cluster("reviews"), host_rewrite_literal: "else.example" }),
          to(
            { path: "/unavailable" },
            {
              cluster: cluster("reviews"),
              retry_policy: { retry_on: "5xx", num_retries: 3, host_selection_retry_max_attempts: 5 },
            },
          ),
          to(
            { path: "/mirrored" },
            {
              cluster: cluster("reviews"),
              request_mirror_policies: [{ cluster: cluster("ratings") }],
            },
          ),
          to({ path: "/freely-named" }, { cluster: "our_reviews" }),
          { match: { path: "/direct" }, direct_response: { status: 200, body: { inline_string: "direct" } } },
          { match: { path: "/redirect" }, redirect: { path_redirect: "/elsewhere" } },
          to({ path: "/nowhere" }, { cluster: "no.such.cluster" }),
        ],
      },
      { name: "local", domains: ["reviews"], routes: [to({ prefix: "/" }, { cluster: "our_reviews" })] },
      {
        name: cluster("reviews"),
        domains: ["vip.example"],
        routes: [to({ prefix: "/" }, { cluster: "our_reviews" })],
      },
    ];
    const reviews = clusters.find(({ name }) => name === cluster("reviews"))!;
    clusters.push({ ...structuredClone(reviews), name: "our_reviews" });
  });
});
afterAll(async () => {
  await extra.envoy.stop();
  await mesh.stop();
});
beforeEach(() => mesh.reset());

const received = (service: string) =>
  ["m1c1", "m1c2"].map((id) => mesh.endpoint(id, `default/${service}`).count());

async function answers(path: string, request: Partial<HttpRequest> = {}) {
  const samples = await sendMany(
    60,
    () => send({ address: extra.address, host: "shop.example", path, ...request }),
    4,
  );
  return samples.map(({ answer }) => answer!);
}

test("weighted clusters: the retained one at home, the other where it likes", async () => {
  expect(countBy(await answers("/weighted"), ({ status }) => status)).toEqual({ 200: 60 });
  const [home, away] = received("reviews");
  expect(away).toBe(0);
  expect(home).toBeGreaterThan(10);
  expect(Math.min(...received("ratings"))).toBeGreaterThan(0);
});

test("cluster_header", async () => {
  await answers("/by-header", { headers: { "x-to": cluster("reviews") } });
  expect(received("reviews")).toEqual([60, 0]);
});

test("a cluster specifier plugin", async () => {
  await answers("/by-script");
  expect(received("reviews")).toEqual([60, 0]);
});

test("a rewritten host", async () => {
  await answers("/rewritten");
  expect(received("reviews")).toEqual([60, 0]);
  expect(mesh.endpoint("m1c1", "default/reviews").count({ authority: "else.example" })).toBe(60);
});

test("an internal redirect stays pinned", async () => {
  expect(countBy(await answers("/moved"), ({ status }) => status)).toEqual({ 200: 60 });
  expect(received("reviews")).toEqual([120, 0]);
});

test("retries stay pinned, even when they look for another host", async () => {
  expect(countBy(await answers("/unavailable"), ({ status }) => status)).toEqual({ 503: 60 });
  const [home, away] = received("reviews");
  expect(away).toBe(0);
  expect(home).toBeGreaterThan(60);
});

test("a mirrored request: the request at home, and no header of the filter on the mirror's", async () => {
  await answers("/mirrored");
  expect(received("reviews")).toEqual([60, 0]);
  const mirrored = mesh.endpoints
    .filter(({ service }) => service === "default/ratings")
    .flatMap(({ received }) => received);
  expect(mirrored.length).toBeGreaterThan(0);
  for (const { headers } of mirrored) {
    expect(Object.keys(headers).filter((name) => name.startsWith("x-cluster-local"))).toEqual([]);
  }
});

test("redirects, direct responses and routes to nowhere answer as ever", async () => {
  const one = async (path: string) => (await answers(path))[0]!;
  expect(await one("/direct")).toMatchObject({ status: 200, body: "direct" });
  expect(await one("/redirect")).toMatchObject({
    status: 301,
    headers: { location: "http://shop.example/elsewhere" },
  });
  expect(await one("/nowhere")).toMatchObject({ status: 503 });
  expect(await one("/not-a-route")).toMatchObject({ status: 404 });
  expect([...received("reviews"), ...received("ratings")]).toEqual([0, 0, 0, 0]);
});

test("a cluster with a name of its own: by the virtual host's name, else by the authority", async () => {
  await answers("/", { host: "vip.example" });
  await answers("/", { host: "reviews" });
  expect(received("reviews")).toEqual([120, 0]);
});

test("or by `names`", async () => {
  await answers("/freely-named");
  expect(Math.min(...received("reviews"))).toBeGreaterThan(10);
  const text = JSON.stringify({ version: 1, names: { our_reviews: "default/reviews" }, rules });
  await watchDelivery(extra.envoy.admin, () => replaceConfiguration(extra.ecds, text));
  mesh.reset();
  await answers("/freely-named");
  expect(received("reviews")).toEqual([60, 0]);
});
