import { describe, expect, test } from "vitest";
import { managerOf, type Bootstrap } from "../envoy/extra-envoy.ts";
import { send } from "../support/http-client.ts";
import { changed, doctor, mesh, settled, startChanged } from "./doctor-mesh.ts";

interface Cluster {
  name: string;
  load_assignment: { endpoints?: { lb_endpoints: { metadata?: object }[]; priority?: number }[] };
  cluster_type?: { typed_config: { clusters: string[] } };
  [field: string]: unknown;
}
const clusters = ({ static_resources }: Bootstrap, service: string) =>
  static_resources.clusters.filter(({ name }) => name.includes(`|${service}.`)) as Cluster[];
const cluster = (bootstrap: Bootstrap, service: string, subset = "") =>
  clusters(bootstrap, service).find(({ name }) => name.split("|")[2] === subset)!;

/** The generator's matcher of one service. */
interface PinMatcher {
  matcher_tree: { exact_match_map: { map: Record<string, unknown> } };
  on_no_match: { matcher: { matcher_list: { matchers: [{ on_match: unknown }] }; on_no_match: unknown } };
}
interface Specifier {
  typed_config: { cluster_matcher: PinMatcher };
}
interface Route {
  route: { cluster?: string; inline_cluster_specifier_plugin?: { extension: Specifier } };
}
function route({ static_resources }: Bootstrap, service: string): Route {
  const { virtual_hosts: hosts } = managerOf(static_resources.listeners[0]!).route_config;
  return hosts.find(({ name }) => name.startsWith(`${service}.`))!.routes[0] as Route;
}
function pins(bootstrap: Bootstrap, service: string): PinMatcher {
  return route(bootstrap, service).route.inline_cluster_specifier_plugin!.extension.typed_config
    .cluster_matcher;
}
function withoutLocal({ name, load_assignment: assignment }: Cluster): void {
  const [, , subset] = name.split("|");
  if (subset === "m1c1") delete assignment.endpoints;
  if (subset === "") assignment.endpoints![0]!.lb_endpoints.shift();
}

describe("routes", () => {
  test.each<[string, (bootstrap: Bootstrap) => void, string]>([
    [
      "one that does not read the pin",
      (bootstrap) => {
        const { route: action } = route(bootstrap, "reviews");
        delete action.inline_cluster_specifier_plugin;
        action.cluster = cluster(bootstrap, "reviews").name;
      },
      "no route reads the pin: its requests go as if there were no rule",
    ],
    [
      "one that falls through for an unknown pin",
      (bootstrap) => {
        const { matcher } = pins(bootstrap, "reviews").on_no_match;
        matcher.matcher_list.matchers[0].on_match = matcher.on_no_match;
      },
      "a pin that the route does not know leads to endpoints, allowed: 503",
    ],
    [
      "one that does not know the rules' pin",
      (bootstrap) => {
        const known = pins(bootstrap, "reviews").matcher_tree.exact_match_map;
        known.map = { m1c9: known.map.m1c1 };
      },
      "the route does not know a pin that the rules give: 503 (NC)",
    ],
    [
      "to an Envoy cluster that is not there",
      ({ static_resources }) => {
        static_resources.clusters = static_resources.clusters.filter(
          ({ name }) => !name.startsWith("outbound|9080|m1c1|reviews."),
        );
      },
      "the route names an Envoy cluster that does not exist: 503 (NC)",
    ],
    [
      "to one of all endpoints",
      (bootstrap) => {
        const matcher = pins(bootstrap, "reviews");
        matcher.matcher_tree.exact_match_map.map.m1c1 = matcher.on_no_match.matcher.on_no_match;
      },
      "a pin leads to endpoints of other clusters",
    ],
    [
      "to one with endpoints of others",
      (bootstrap) => {
        cluster(bootstrap, "reviews", "m1c1").load_assignment.endpoints = cluster(
          bootstrap,
          "reviews",
        ).load_assignment.endpoints!;
      },
      "a pin leads to endpoints of other clusters",
    ],
    [
      "to clusters in another order",
      (bootstrap) => cluster(bootstrap, "ratings", "m1c1,m1c2").cluster_type!.typed_config.clusters.reverse(),
      "a pin leads to endpoints of other clusters",
    ],
  ])("%s", async (name, change, expected) => {
    const { wrong, code } = await changed(change);
    const service = name.includes("order") ? "default/ratings:9080" : "default/reviews:9080";
    expect({ wrong, code }).toEqual({ wrong: [`error routes: ${service}: ${expected}`], code: 1 });
  });
});

describe("clusters", () => {
  test.each<[string, (bootstrap: Bootstrap) => void, string[]]>([
    [
      "the panic threshold of Envoy's default",
      (bootstrap) => clusters(bootstrap, "reviews").forEach((one) => delete one.common_lb_config),
      [
        "warning panic: default/reviews:9080: when most local endpoints are dead, Envoy still sends to them: prefer never moves on, strict waits",
      ],
    ],
    [
      "no health checks",
      (bootstrap) => clusters(bootstrap, "ratings").forEach((one) => delete one.health_checks),
      ["warning panic: default/ratings:9080: nothing tells Envoy that endpoints are dead"],
    ],
    [
      "endpoints that do not say their cluster",
      (bootstrap) => {
        for (const { lb_endpoints } of cluster(bootstrap, "httpbin").load_assignment.endpoints!)
          for (const endpoint of lb_endpoints) delete endpoint.metadata;
      },
      [
        "warning local-endpoints: default/httpbin:80: not known whether there is an endpoint in m1c1, as endpoints do not say their cluster",
      ],
    ],
    [
      "no local endpoint, for each mode",
      (bootstrap) => {
        for (const service of ["reviews", "ratings", "httpbin"])
          clusters(bootstrap, service).forEach(withoutLocal);
      },
      [
        "error local-endpoints: default/reviews:9080: no endpoint in m1c1: its requests get 503",
        "warning local-endpoints: default/ratings:9080: no endpoint in m1c1: its requests go to other clusters",
        "note local-endpoints: default/httpbin:80: no endpoint in m1c1: its requests would get 503, were the rule strict",
      ],
    ],
    [
      "outlier detection beside priorities",
      (bootstrap) => {
        const httpbin = cluster(bootstrap, "httpbin");
        const [local, remote] = httpbin.load_assignment.endpoints![0]!.lb_endpoints;
        httpbin.load_assignment.endpoints = [
          { lb_endpoints: [local!] },
          { lb_endpoints: [remote!], priority: 1 },
        ];
        httpbin.outlier_detection = {};
      },
      [
        "warning failover: default/httpbin: outlier detection turns on failover by locality: when local endpoints are ejected, requests go to other clusters",
      ],
    ],
  ])("%s", async (_, change, expected) => {
    const { wrong, code } = await changed(change);
    expect({ wrong, code }).toEqual({ wrong: expected, code: expected[0]!.startsWith("error") ? 1 : 0 });
  });

  test("a leak is counted by Envoy", async () => {
    const extra = await startChanged("leaking", (bootstrap) => {
      const remote = cluster(bootstrap, "reviews", "m1c1");
      remote.load_assignment.endpoints = structuredClone(
        cluster(bootstrap, "reviews").load_assignment.endpoints!,
      );
      remote.load_assignment.endpoints[0]!.lb_endpoints.shift();
    });
    await settled(extra);
    mesh.reset();
    for (let i = 0; i < 5; i++) await send({ address: extra.address, host: "reviews:9080" });
    expect(mesh.endpoint("m1c2", "default/reviews").count()).toBe(5);
    const { wrong, findings } = await doctor(extra.envoy.admin.address);
    expect(wrong).toContain("error leaks: 5 requests of strict rules answered by another cluster");
    expect(findings.find(({ check }) => check === "leaks")?.evidence).toEqual([
      'envoy_cluster_local_upstream{rule="default/reviews",mode="strict",pin="m1c1",served_by="m1c2",code="200"} 5',
    ]);
  });
});
