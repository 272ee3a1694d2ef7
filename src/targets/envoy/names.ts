import { hostOf, type Caller, type Service } from "../../inventory/model.ts";

/** The filter's name: of the extension, of its plugin, of its root context and of its VM. */
export const PLUGIN = "cluster_local";

/** The module, in the folder that everything is generated into. */
export const MODULE_FILE = "cluster-local.wasm";

/** The filter state in which the filter leaves the pin: where the request may go. */
export const PIN_STATE = "wasm.cluster_local_pin";
/** The filter states in which it leaves the rule that is for the request, and what that led to. */
export const RULE_STATE = "wasm.cluster_local_rule";
export const MODE_STATE = "wasm.cluster_local_mode";
/** The pin of an override that asks for any cluster. */
export const ANYWHERE = "*";
/** The Envoy cluster that a pin leads to which its route does not know. It does not exist: Envoy answers 503. */
export const UNKNOWN_PIN = "cluster_local_unknown_pin";

/** The endpoints' metadata that says in which mesh cluster each of them is. */
export const LB = "envoy.lb";
export const CLUSTER_KEY = "cluster";

/**
 * The Envoy cluster of a service, named as Istio names them.
 *
 * @param subset "" for the endpoints of all mesh clusters, the id of one, or several ids joined by `,`: these in turn
 */
export function clusterName(
  service: Pick<Service, "namespace" | "name" | "port">,
  clusterDomain: string,
  subset = "",
): string {
  return `outbound|${service.port}|${subset}|${hostOf(service, clusterDomain)}`;
}

/** `reviews.default.svc.cluster.local:9080`. */
export function authorityOf(
  service: Pick<Service, "namespace" | "name" | "port">,
  clusterDomain: string,
): string {
  return `${hostOf(service, clusterDomain)}:${service.port}`;
}

/** The caller's folder below the output folder. A cluster id may be any text: what is no plain name is escaped. */
export function folderOf({ cluster, name }: Pick<Caller, "cluster" | "name">): string {
  const escaped = cluster.replace(
    /^\.|[^-_.A-Za-z0-9]/g,
    (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `${escaped}/${name}`;
}
