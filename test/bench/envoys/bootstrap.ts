import { AUTHORITY, extension, HOST, LOCAL, MERGED, outbound, REMOTE } from "./names.ts";
import { merged } from "./routes.ts";
import type { Variant } from "./variants.ts";

/** Where an Envoy listens, and the ports of the backend by cluster. */
export interface Addresses {
  listener: number;
  admin: number;
  backends: Record<string, number>;
}

/** The bootstrap of a variant: all are the same but for filters, route and access log (and version 1's cluster). */
export function bootstrap(variant: Variant, { listener, admin, backends }: Addresses): string {
  const route = {
    name: AUTHORITY,
    match: { prefix: "/" },
    route: { ...(variant.route ?? merged), timeout: "0s" },
  };
  const router = {
    name: "envoy.filters.http.router",
    typed_config: extension("filters.http.router.v3.Router"),
  };
  const manager = extension("filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "outbound",
    route_config: {
      name: "bench",
      virtual_hosts: [{ name: route.name, domains: [HOST, route.name], routes: [route] }],
    },
    http_filters: [...(variant.filters ?? []), router],
    access_log: variant.accessLog ?? [],
  });
  return JSON.stringify({
    node: { id: "bench", cluster: "bench", metadata: { CLUSTER_ID: LOCAL, NAMESPACE: "default" } },
    // What runs in the background is counted too: let it be the same, and little.
    stats_flush_interval: "299s",
    admin: { address: address(admin) },
    static_resources: {
      listeners: [
        {
          name: "bench",
          address: address(listener),
          traffic_direction: "OUTBOUND",
          filter_chains: [
            { filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] },
          ],
        },
      ],
      clusters: [
        { ...cluster(MERGED, [LOCAL, REMOTE], backends), ...variant.cluster },
        ...[LOCAL, REMOTE].map((id) => cluster(outbound(id), [id], backends)),
      ],
    },
  });
}

/** As generated, without health checks: their traffic would be counted. */
function cluster(name: string, members: readonly string[], backends: Record<string, number>): object {
  return {
    name,
    type: "STATIC",
    lb_policy: "ROUND_ROBIN",
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    load_assignment: {
      cluster_name: name,
      endpoints: [
        {
          lb_endpoints: members.map((id) => ({
            endpoint: { address: address(backends[id]!) },
            metadata: { filter_metadata: { "envoy.lb": { cluster: id } } },
          })),
        },
      ],
    },
  };
}

function address(port: number): object {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
