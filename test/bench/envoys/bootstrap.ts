import { CLUSTER, HOST, LOCAL, REMOTE } from "./filters.ts";
import type { Variant } from "./variants.ts";

/** Where an Envoy listens, and the ports of the backend by cluster. */
export interface Addresses {
  listener: number;
  admin: number;
  backends: Record<string, number>;
}

/** The bootstrap of a variant: all are the same but for the filters and the route's metadata_match. */
export function bootstrap(variant: Variant, addresses: Addresses): string {
  const route = {
    cluster: CLUSTER,
    timeout: "0s",
    ...(variant.native && { metadata_match: { filter_metadata: { "envoy.lb": { cluster: LOCAL } } } }),
  };
  const router = {
    name: "envoy.filters.http.router",
    typed_config: http("filters.http.router.v3.Router", {}),
  };
  const manager = http("filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "outbound",
    route_config: {
      name: "bench",
      virtual_hosts: [
        {
          name: CLUSTER,
          domains: [HOST, CLUSTER],
          routes: [{ name: CLUSTER, match: { prefix: "/" }, route }],
        },
      ],
    },
    http_filters: [...variant.filters, router],
  });
  return JSON.stringify({
    node: { id: "bench", cluster: "bench", metadata: { CLUSTER_ID: LOCAL, NAMESPACE: "default" } },
    // What runs in the background is counted too: let it be the same, and little.
    stats_flush_interval: "299s",
    admin: { address: address(addresses.admin) },
    static_resources: {
      listeners: [
        {
          name: "bench",
          address: address(addresses.listener),
          traffic_direction: "OUTBOUND",
          filter_chains: [
            { filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] },
          ],
        },
      ],
      clusters: [cluster(addresses.backends)],
    },
  });
}

/** The subset load balancer as generated, without health checks: their traffic would be counted. */
function cluster(backends: Record<string, number>): object {
  return {
    name: CLUSTER,
    type: "STATIC",
    lb_policy: "ROUND_ROBIN",
    lb_subset_config: {
      fallback_policy: "ANY_ENDPOINT",
      subset_selectors: [{ keys: ["cluster"], fallback_policy: "NO_FALLBACK" }],
      metadata_fallback_policy: "FALLBACK_LIST",
    },
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    load_assignment: {
      cluster_name: CLUSTER,
      endpoints: [
        {
          lb_endpoints: [LOCAL, REMOTE].map((id) => ({
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

function http(type: string, fields: object): object {
  return { "@type": `type.googleapis.com/envoy.extensions.${type}`, ...fields };
}
