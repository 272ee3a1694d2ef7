import { describe, expect, test } from "vitest";
import { givenAdminAddresses } from "../../src/cli/admin-addresses.ts";
import { topologyOfMesh } from "../../src/console/topology.ts";
import { parseMesh } from "../../src/inventory/mesh.ts";
import { clusterStatuses } from "../../src/live/admin/clusters.ts";
import { endpointClusters } from "../../src/live/admin/endpoints.ts";

/** An address in two spellings is one address, wherever addresses are compared. */

const PAIRS = [
  ["[::1]:7001", "[0:0:0:0:0:0:0:1]:7001"],
  ["127.0.0.1:7001", "[::ffff:127.0.0.1]:7001"],
  ["127.0.0.1:7001", "[::FFFF:7f00:1]:7001"],
  ["reviews.internal:7001", "Reviews.internal.:7001"],
] as const;

function mesh(endpoints: readonly string[], [listener, other]: readonly [string, string]) {
  const caller = (name: string, listener: string, admin: string) => ({
    ...{ name, namespace: "default", workload: name, kind: "sidecar", listener, admin },
  });
  const file = {
    version: 1,
    clusters: [
      {
        id: "m1c1",
        services: [{ service: "default/reviews", port: 9080, endpoints }],
        callers: [caller("a", listener, "127.0.0.1:15000"), caller("b", other, "127.0.0.1:15002")],
      },
    ],
  };
  return parseMesh(JSON.stringify(file), "mesh.json");
}

const APART = ["127.0.0.1:15001", "127.0.0.1:15003"] as const;

describe.for(PAIRS)("%s and %s", ([one, other]) => {
  test("are one endpoint of an inventory", () => {
    const found = mesh([one, other], APART);
    expect(found.ok ? [] : found.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("a second time for default/reviews:9080") as string,
    ]);
  });

  test("are one admin interface of the command line", () => {
    const given = ["--admin", `http://${one}`, "--admin", other, "--admin", `http://${other}/`];
    expect(givenAdminAddresses(given, { admin: { type: "string" } }, undefined)).toEqual([`http://${one}`]);
  });

  test("are one endpoint in what an Envoy says of it at two places", () => {
    const of = (text: string) => {
      const [, address, port] = /^\[?(.*?)\]?:(\d+)$/.exec(text)!;
      return { socket_address: { address, port_value: Number(port) } };
    };
    const assigned = endpointClusters([
      {
        endpoint_config: {
          cluster_name: "reviews",
          endpoints: [
            {
              lb_endpoints: [
                {
                  endpoint: { address: of(other) },
                  metadata: { filter_metadata: { "envoy.lb": { cluster: "m1c1" } } },
                },
              ],
            },
          ],
        },
      },
    ]);
    const [status] = clusterStatuses({
      cluster_statuses: [{ name: "reviews", host_statuses: [{ address: of(one) }] }],
    });
    expect(assigned.get("reviews")?.get(status!.hosts[0]!.address)).toBe("m1c1");
  });
});

test("two Envoys that listen on one address are told, however it is written", () => {
  for (const [one, other] of PAIRS.slice(0, 3)) {
    const found = mesh(["127.0.0.1:1"], [one, other]);
    expect(found.ok ? [] : found.problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("allowed: an address of its own") as string,
    ]);
  }
  expect(mesh(["127.0.0.1:1"], ["[0::0]:7001", "127.0.0.1:7001"]).ok).toBe(false);
});

test("the console knows a caller by its admin address, however that is written", () => {
  const found = mesh(["127.0.0.1:1"], APART);
  if (!found.ok) throw new Error("the inventory is refused");
  const { proxies } = topologyOfMesh(found.value, ["http://[::ffff:127.0.0.1]:15000", "127.0.0.1:15009"]);
  expect(proxies.map(({ caller }) => caller?.name)).toEqual(["a", undefined]);
});
