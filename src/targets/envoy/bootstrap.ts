import type { Caller } from "../../inventory/model.ts";
import { socketAddress } from "./address.ts";
import { fromFile } from "./discovery.ts";
import { statsConfig } from "./stats.ts";
import type { Message } from "./types.ts";

/** envoy.config.bootstrap.v3.Bootstrap of a caller's Envoy; all else is in files that it watches. */
export function bootstrap(
  caller: Caller,
  clusterDomain: string,
  files: { listeners: string; clusters: string },
): Message {
  return {
    node: node(caller),
    stats_config: statsConfig(clusterDomain),
    admin: { address: socketAddress(caller.admin) },
    dynamic_resources: { lds_config: fromFile(files.listeners), cds_config: fromFile(files.clusters) },
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
