import { authorityOf, clusterName } from "../../../src/targets/envoy/names.ts";

/** The cluster that every pinned variant stays in, and the other one. */
export const LOCAL = "m1c1";
export const REMOTE = "m1c2";
/** The service that all requests go to. */
export const SERVICE = { namespace: "default", name: "reviews", port: 9080 };
export const HOST = "reviews.default.svc.cluster.local";
export const AUTHORITY = authorityOf(SERVICE, "cluster.local");
/** Its Envoy cluster with the endpoints of both clusters. */
export const MERGED = outbound("");

/** The service's Envoy cluster with the endpoints of one cluster. */
export function outbound(cluster: string): string {
  return clusterName(SERVICE, "cluster.local", cluster);
}

/** A message of one of Envoy's extensions. */
export function extension(type: string, fields: object = {}): object {
  return { "@type": `type.googleapis.com/envoy.extensions.${type}`, ...fields };
}
