import { describe, expect, test } from "vitest";
import { type Bootstrap } from "../envoy/extra-envoy.ts";
import { send } from "../support/http-client.ts";
import { changed, doctor, mesh, settled, startChanged } from "./doctor-mesh.ts";

const cluster = ({ static_resources }: Bootstrap, service: string) =>
  static_resources.clusters.find(({ name }) => name.startsWith(`${service}.`))!;

describe("clusters", () => {
  test.each<[string, (bootstrap: Bootstrap) => void, string[]]>([
    [
      "no subset selector",
      (bootstrap) => delete cluster(bootstrap, "reviews").lb_subset_config,
      [
        "error subsets: default/reviews:9080: no subset selector on the key cluster: pins have no effect, requests go anywhere",
      ],
    ],
    [
      "a selector that falls back",
      (bootstrap) => {
        const config = cluster(bootstrap, "reviews").lb_subset_config as { subset_selectors: object[] };
        config.subset_selectors = [{ keys: ["cluster"] }];
      },
      [
        "error subsets: default/reviews:9080: the subset selector falls back: where there is no local endpoint, requests leave the cluster",
      ],
    ],
    [
      "no order of prefer",
      (bootstrap) => {
        delete (cluster(bootstrap, "ratings").lb_subset_config as { metadata_fallback_policy?: string })
          .metadata_fallback_policy;
      },
      ["error subsets: default/ratings:9080: no metadata_fallback_policy: the order of prefer has no effect"],
    ],
    [
      "the panic threshold of Envoy's default",
      (bootstrap) => delete cluster(bootstrap, "reviews").common_lb_config,
      [
        "warning panic: default/reviews:9080: when most local endpoints are dead, Envoy still sends to them: prefer never moves on, strict waits",
      ],
    ],
    [
      "no health checks",
      (bootstrap) => delete cluster(bootstrap, "ratings").health_checks,
      ["warning panic: default/ratings:9080: nothing tells Envoy that endpoints are dead"],
    ],
    [
      "endpoints that do not say their cluster",
      (bootstrap) => {
        for (const endpoint of endpointsOf(bootstrap, "reviews")) delete endpoint.metadata;
      },
      [
        "error subsets: default/reviews:9080: endpoints that do not say their cluster: pinned requests never reach them",
        "error local-endpoints: default/reviews:9080: no endpoint in m1c1: its requests get 503",
      ],
    ],
    [
      "no local endpoint, for each mode",
      (bootstrap) => {
        for (const service of ["reviews", "ratings", "httpbin"]) endpointsOf(bootstrap, service).shift();
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
        const httpbin = cluster(bootstrap, "httpbin") as unknown as Assigned;
        const [local, remote] = httpbin.load_assignment.endpoints[0]!.lb_endpoints;
        httpbin.load_assignment.endpoints = [
          { lb_endpoints: [local!] },
          { lb_endpoints: [remote!], priority: 1 },
        ];
        (httpbin as { outlier_detection?: object }).outlier_detection = {};
      },
      [
        "warning failover: default/httpbin: outlier detection turns on failover by locality: when local endpoints are ejected, requests go to other clusters",
      ],
    ],
  ])("%s", async (_, change, expected) => {
    const { wrong, code } = await changed(change);
    expect({ wrong, code }).toEqual({ wrong: expected, code: expected[0]!.startsWith("error") ? 1 : 0 });
  });

  interface Assigned {
    load_assignment: { endpoints: { lb_endpoints: { metadata?: object }[]; priority?: number }[] };
  }
  function endpointsOf(bootstrap: Bootstrap, service: string) {
    return (cluster(bootstrap, service) as unknown as Assigned).load_assignment.endpoints[0]!.lb_endpoints;
  }

  test("leaks, where both the selector falls back and there is no local endpoint: counted by the filter", async () => {
    const extra = await startChanged("leaking", (bootstrap) => {
      (cluster(bootstrap, "reviews").lb_subset_config as { subset_selectors: object[] }).subset_selectors = [
        { keys: ["cluster"] },
      ];
      endpointsOf(bootstrap, "reviews").shift();
    });
    await settled(extra);
    mesh.reset();
    for (let i = 0; i < 5; i++) {
      await send({ address: extra.address, host: "reviews:9080" });
      await send({ address: extra.address, host: "httpbin", headers: { "x-cluster-local": "m1c2" } });
    }
    expect(mesh.endpoint("m1c2", "default/reviews").count()).toBe(5);
    const { wrong, findings } = await doctor(extra.envoy.admin.address);
    expect(wrong).toContain("error leaks: 5 pinned requests answered by another cluster");
    expect(wrong).toContain("warning forged: clients sent 5 headers of the pin, which had no effect");
    expect(findings.find(({ check }) => check === "leaks")?.evidence).toEqual([
      "wasmcustom.cluster_local.leaked: 5",
      'cluster_local_upstream{where="remote",rule="default/reviews",mode="strict"} 5',
    ]);
  });
});
