import type { Caller, Mesh } from "../../inventory/model.ts";
import type { Policy } from "../../policy/policy.ts";
import { socketAddress } from "./address.ts";
import { cluster } from "./cluster.ts";
import { gatewayHost, routedServices } from "./gateway.ts";
import { listener } from "./listener.ts";
import { virtualHosts } from "./sidecar.ts";
import { statsConfig } from "./stats.ts";
import type { Message } from "./types.ts";

/**
 * envoy.config.bootstrap.v3.Bootstrap of a caller's Envoy.
 *
 * @param ecdsPath see `httpFilters`
 */
export function bootstrap(
  caller: Caller,
  mesh: Mesh,
  policy: Pick<Policy, "clusterDomain" | "override">,
  ecdsPath: string | undefined,
): Message {
  const clusterDomain = policy.clusterDomain.toLowerCase();
  const overrideHeader = policy.override?.header;
  const gateway = caller.kind === "gateway";
  const services = gateway ? routedServices(caller, mesh.services) : mesh.services;
  const hosts = gateway
    ? [gatewayHost(caller, services, clusterDomain)]
    : virtualHosts(caller, services, clusterDomain);
  return {
    node: node(caller),
    stats_config: statsConfig(),
    admin: { address: socketAddress(caller.admin) },
    static_resources: {
      listeners: [listener(caller, { virtualHosts: hosts, ecdsPath, overrideHeader })],
      clusters: services.map((service) => cluster(service, clusterDomain)),
    },
  };
}

/** Who the proxy is; the filter finds its own cluster and namespace here, under the names that Istio's proxies use. */
function node({ cluster, name, namespace, workload }: Caller): Message {
  return {
    id: `${cluster}/${name}`,
    cluster: workload,
    metadata: { CLUSTER_ID: cluster, NAMESPACE: namespace, WORKLOAD_NAME: workload },
  };
}
