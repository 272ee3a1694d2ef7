import { isIP } from "node:net";
import type { Endpoint, Service } from "../../inventory/model.ts";
import { socketAddress } from "./address.ts";
import { circuitBreakers } from "./circuit-breakers.ts";
import { healthCheck } from "./health-check.ts";
import { CLUSTER_KEY, clusterName, LB } from "./names.ts";
import { outlierDetection } from "./outlier-detection.ts";
import { any, type Message } from "./types.ts";

const CLUSTER = "envoy.config.cluster.v3.Cluster";

/** A panic threshold of 0 keeps Envoy from sending to endpoints that it knows to be down. */
const NO_PANIC = { healthy_panic_threshold: { value: 0 } };

/**
 * The Envoy clusters of a service (envoy.config.cluster.v3.Cluster): the merged one, and those that the subsets name.
 *
 * @param subsets ids of mesh clusters, or several joined by `,`; see `clusterName`
 */
export function clusters(service: Service, subsets: Iterable<string>, clusterDomain: string): Message[] {
  const orders = [...new Set(subsets)].filter((subset) => subset.includes(","));
  const singles = new Set([...subsets].flatMap((subset) => subset.split(",")));
  return [
    ofEndpoints(service, service.endpoints, "", clusterDomain),
    ...[...singles].map((id) => {
      const own = service.endpoints.filter(({ cluster }) => cluster === id);
      return ofEndpoints(service, own, id, clusterDomain);
    }),
    ...orders.map((order) => inTurn(service, order, clusterDomain)),
  ];
}

function ofEndpoints(
  service: Service,
  endpoints: readonly Endpoint[],
  subset: string,
  clusterDomain: string,
): Message {
  const name = clusterName(service, clusterDomain, subset);
  const named = endpoints.some(({ host }) => isIP(host) === 0);
  return any(CLUSTER, {
    name,
    ...(named ? { type: "STRICT_DNS", dns_lookup_family: "V4_PREFERRED" } : { type: "STATIC" }),
    lb_policy: "ROUND_ROBIN",
    common_lb_config: {
      ...NO_PANIC,
      // By default Envoy gathers changes for a second, and for so long a dead endpoint would be sent to, or a live one not.
      update_merge_window: "0s",
    },
    health_checks: [healthCheck(service, clusterDomain)],
    ...(service.outlierDetection && { outlier_detection: outlierDetection(service.outlierDetection) }),
    ...circuitBreakers(service),
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": protocol(service),
    },
    load_assignment: {
      cluster_name: name,
      // One healthy endpoint of many keeps all requests: by default an order goes on when a part of the endpoints is down.
      ...(endpoints.length > 1 && { policy: { overprovisioning_factor: 100 * endpoints.length } }),
      ...(endpoints.length > 0 && { endpoints: [{ lb_endpoints: endpoints.map(endpoint) }] }),
    },
  });
}

/** The Envoy clusters of an order, one after the other (envoy.extensions.clusters.aggregate.v3.ClusterConfig). */
function inTurn(service: Service, order: string, clusterDomain: string): Message {
  const members = order.split(",").map((id) => clusterName(service, clusterDomain, id));
  return any(CLUSTER, {
    name: clusterName(service, clusterDomain, order),
    lb_policy: "CLUSTER_PROVIDED",
    common_lb_config: NO_PANIC,
    ...circuitBreakers(service),
    cluster_type: {
      name: "envoy.clusters.aggregate",
      typed_config: any("envoy.extensions.clusters.aggregate.v3.ClusterConfig", { clusters: members }),
    },
  });
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
