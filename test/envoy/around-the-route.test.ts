import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { send, type HttpRequest } from "../support/http-client.ts";
import { managerOf } from "../support/in-one.ts";
import { countBy, sendMany } from "../support/load.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { startExtra, type ExtraEnvoy } from "./extra-envoy.ts";
import { policy, twoClusters } from "./two-clusters.ts";

// Envoy features that choose a host or a cluster themselves, each beside the filter with `strict` for reviews.
// The table of examples/guide/limits.md says what holds.

const cluster = (name: string, subset = "") => `outbound|9080|${subset}|${name}.default.svc.cluster.local`;
const type = (name: string) => ({ "@type": `type.googleapis.com/envoy.extensions.${name}` });

let mesh: TestMesh;
let extra: ExtraEnvoy;
beforeAll(async () => {
  const reply = ({ path }: { path: string }) => {
    if (path === "/retried") return { status: 503 };
    if (path === "/redirected") return { status: 302, headers: { location: "http://shop.example/kept" } };
    return {};
  };
  const services = ["default/reviews", "default/ratings"].map((service) => ({ service, reply }));
  mesh = await startMesh(twoClusters(policy([{ services: ["default/reviews"], mode: "strict" }]), services));
  extra = await startExtra(mesh, "m1c1/sleep", "around", ({ static_resources: { listeners, clusters } }) => {
    const manager = managerOf(listeners[0]!);
    const [wasm, router] = manager.http_filters as [object & { name: string }, object & { name: string }];
    const session = {
      name: "envoy.filters.http.stateful_session",
      typed_config: {
        ...type("filters.http.stateful_session.v3.StatefulSession"),
        session_state: {
          name: "envoy.http.stateful_session.header",
          typed_config: {
            ...type("http.stateful_session.header.v3.HeaderBasedSessionState"),
            name: "x-session",
          },
        },
      },
    };
    const forward = {
      name: "envoy.filters.http.dynamic_forward_proxy",
      disabled: true,
      typed_config: {
        ...type("filters.http.dynamic_forward_proxy.v3.FilterConfig"),
        dns_cache_config: { name: "dns", dns_lookup_family: "V4_ONLY" },
      },
    };
    const second = { ...structuredClone(wasm), name: "cluster_local" };
    manager.http_filters = [wasm, second, session, forward, router];
    const kept = manager.route_config.virtual_hosts.find(({ name }) => name.startsWith("reviews."))!
      .routes[0] as { route: Record<string, unknown> };
    const like = (path: string, fields: object = {}, more: object = {}) => ({
      match: { path },
      route: { ...kept.route, ...fields },
      ...more,
    });
    const to = (path: string, name: string, more: object = {}) => ({
      match: { path },
      route: { cluster: name },
      ...more,
    });
    manager.route_config.virtual_hosts = [
      {
        name: "shop",
        domains: ["*"],
        routes: [
          like("/kept"),
          like("/redirected", { internal_redirect_policy: { allow_cross_scheme_redirect: true } }),
          like("/retried", {
            retry_policy: {
              retry_on: "5xx",
              num_retries: 3,
              host_selection_retry_max_attempts: 5,
              retry_host_predicate: [
                {
                  name: "envoy.retry_host_predicates.previous_hosts",
                  typed_config: type("retry.host.previous_hosts.v3.PreviousHostsPredicate"),
                },
              ],
            },
          }),
          like("/hedged", {
            retry_policy: { retry_on: "5xx", num_retries: 3, per_try_timeout: "0.2s" },
            hedge_policy: { hedge_on_per_try_timeout: true },
          }),
          like("/mirrored", { request_mirror_policies: [{ cluster: cluster("reviews") }] }),
          like(
            "/unfiltered",
            {},
            {
              typed_per_filter_config: {
                cluster_local: {
                  "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                  disabled: true,
                },
              },
            },
          ),
          to("/plain", cluster("reviews")),
          to("/aggregate", "users_own"),
          to("/original", "original"),
          to("/forward", "forward", {
            typed_per_filter_config: {
              "envoy.filters.http.dynamic_forward_proxy": {
                "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
                config: {},
              },
            },
          }),
        ],
      },
    ];
    clusters.push(
      {
        name: "users_own",
        lb_policy: "CLUSTER_PROVIDED",
        cluster_type: {
          name: "envoy.clusters.aggregate",
          typed_config: { ...type("clusters.aggregate.v3.ClusterConfig"), clusters: [cluster("reviews")] },
        },
      },
      {
        name: "original",
        type: "ORIGINAL_DST",
        lb_policy: "CLUSTER_PROVIDED",
        original_dst_lb_config: { use_http_header: true },
      },
      {
        name: "forward",
        lb_policy: "CLUSTER_PROVIDED",
        cluster_type: {
          name: "envoy.clusters.dynamic_forward_proxy",
          typed_config: {
            ...type("clusters.dynamic_forward_proxy.v3.ClusterConfig"),
            dns_cache_config: { name: "dns", dns_lookup_family: "V4_ONLY" },
          },
        },
      },
    );
  });
});
afterAll(async () => {
  await extra.envoy.stop();
  await mesh.stop();
});
beforeEach(() => mesh.reset());

const received = (service = "reviews") =>
  ["m1c1", "m1c2"].map((id) => mesh.endpoint(id, `default/${service}`).count());

async function statuses(path: string, request: Partial<HttpRequest> = {}) {
  const samples = await sendMany(
    40,
    () => send({ address: extra.address, host: "reviews:9080", path, ...request }),
    4,
  );
  return countBy(samples, ({ answer, error }) => answer?.status ?? error!.message);
}

const away = () => mesh.endpoint("m1c2", "default/reviews").address;

test("holds: two instances of the filter in the chain", async () => {
  expect(await statuses("/kept")).toEqual({ 200: 40 });
  expect(received()).toEqual([40, 0]);
});

test("holds: a stateful session that names a host of the other cluster", async () => {
  const session = Buffer.from(away()).toString("base64");
  expect(await statuses("/kept", { headers: { "x-session": session } })).toEqual({ 200: 40 });
  expect(received()).toEqual([40, 0]);
});

test("holds: an internal redirect", async () => {
  expect(await statuses("/redirected")).toEqual({ 200: 40 });
  expect(received()).toEqual([80, 0]);
});

test("holds: retries that look for another host, and hedged requests", async () => {
  expect(await statuses("/retried")).toEqual({ 503: 40 });
  expect(received()[1]).toBe(0);
  mesh.endpoint("m1c1", "default/reviews").hang();
  const hedged = sendMany(
    5,
    () => send({ address: extra.address, host: "reviews:9080", path: "/hedged" }),
    5,
  );
  await new Promise((resolve) => setTimeout(resolve, 900));
  mesh.endpoint("m1c1", "default/reviews").resume();
  await hedged;
  expect(mesh.endpoint("m1c1", "default/reviews").count({ path: "/hedged" })).toBeGreaterThan(5);
  expect(received()[1]).toBe(0);
  await expect.poll(async () => (await send({ address: extra.address, path: "/kept" })).status).toBe(200);
});

test("does not hold: a mirror that names the merged cluster", async () => {
  expect(await statuses("/mirrored")).toEqual({ 200: 40 });
  await expect.poll(() => received()[0]! + received()[1]!).toBe(80);
  expect(received()[1]).toBeGreaterThan(5);
});

test("does not hold: a route that does not read the pin, the filter's own disabling, a user's aggregate cluster", async () => {
  for (const path of ["/plain", "/unfiltered", "/aggregate"]) {
    mesh.reset();
    expect(await statuses(path), path).toEqual({ 200: 40 });
    expect(received()[1], path).toBeGreaterThan(5);
  }
});

test("does not hold: ORIGINAL_DST and the dynamic forward proxy go where the client says", async () => {
  expect(await statuses("/original", { headers: { "x-envoy-original-dst-host": away() } })).toEqual({
    200: 40,
  });
  expect(received()).toEqual([0, 40]);
  mesh.reset();
  expect(await statuses("/forward", { host: away() })).toEqual({ 200: 40 });
  expect(received()).toEqual([0, 40]);
});
