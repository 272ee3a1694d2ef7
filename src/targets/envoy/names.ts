import { hostOf, type Caller, type Service } from "../../inventory/model.ts";

/** The filter's name: of the extension, of its plugin, of its root context and of its VM. */
export const PLUGIN = "cluster_local";

/** The module, in the folder that everything is generated into. */
export const MODULE_FILE = "cluster-local.wasm";

/** The namespace of metadata that the subset load balancer reads. */
export const LB = "envoy.lb";
/** The key there that says in which cluster an endpoint is, and which one a request wants. */
export const CLUSTER_KEY = "cluster";
/** The key there that lists what a request wants, in order (Cluster.LbSubsetConfig.metadata_fallback_policy). */
export const FALLBACK_KEY = "fallback_list";

/** The Envoy cluster of a service, a name from which the filter tells the service. */
export function clusterName(service: Service, clusterDomain: string): string {
  return `${hostOf(service, clusterDomain)}:${service.port}`;
}

/** The caller's folder below the output folder. A cluster id may be any text: what is no plain name is escaped. */
export function folderOf({ cluster, name }: Caller): string {
  const escaped = cluster.replace(
    /^\.|[^-_.A-Za-z0-9]/g,
    (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `${escaped}/${name}`;
}
