import { isIP } from "node:net";
import type { Endpoint, Service } from "../../inventory/model.ts";
import { socketAddress } from "./address.ts";
import { healthCheck } from "./health-check.ts";
import { CLUSTER_KEY, clusterName, LB } from "./names.ts";
import { outlierDetection } from "./outlier-detection.ts";
import { any, type Message } from "./types.ts";

/**
 * envoy.config.cluster.v3.Cluster of a service: the endpoints of all clusters, chosen among by metadata.
 *
 * A request without a pin may go to any. One with `cluster` stays there or gets 503, for three reasons that need each
 * other: the selector does not fall back; a panic threshold of 0 keeps Envoy from sending to endpoints that it knows to
 * be down; active health checks let it know. One with `fallback_list` takes the first cluster listed that has a healthy
 * endpoint.
 */
export function cluster(service: Service, clusterDomain: string): Message {
  const name = clusterName(service, clusterDomain);
  const named = service.endpoints.some(({ host }) => isIP(host) === 0);
  return {
    name,
    ...(named ? { type: "STRICT_DNS", dns_lookup_family: "V4_PREFERRED" } : { type: "STATIC" }),
    lb_policy: "ROUND_ROBIN",
    lb_subset_config: {
      fallback_policy: "ANY_ENDPOINT",
      subset_selectors: [{ keys: [CLUSTER_KEY], fallback_policy: "NO_FALLBACK" }],
      metadata_fallback_policy: "FALLBACK_LIST",
    },
    common_lb_config: {
      healthy_panic_threshold: { value: 0 },
      // By default Envoy gathers changes for a second, and for so long a dead endpoint would be sent to, or a live one not.
      update_merge_window: "0s",
    },
    health_checks: [healthCheck(service)],
    ...(service.outlierDetection && { outlier_detection: outlierDetection(service.outlierDetection) }),
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": protocol(service),
    },
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: service.endpoints.map(endpoint) }] },
  };
}

function endpoint(endpoint: Endpoint): Message {
  return {
    endpoint: { address: socketAddress(endpoint) },
    metadata: { filter_metadata: { [LB]: { ...endpoint.labels, [CLUSTER_KEY]: endpoint.cluster } } },
  };
}

/** envoy.extensions.upstreams.http.v3.HttpProtocolOptions. */
function protocol({ protocol }: Service): Message {
  const options = protocol === "http" ? { http_protocol_options: {} } : { http2_protocol_options: {} };
  return any("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", { explicit_http_config: options });
}
