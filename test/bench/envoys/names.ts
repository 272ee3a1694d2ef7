/** The cluster that every pinned variant stays in, and the other one. */
export const LOCAL = "m1c1";
export const REMOTE = "m1c2";
/** The service that all requests go to. */
export const HOST = "reviews.default.svc.cluster.local";
/** Its Envoy cluster with the endpoints of both clusters. */
export const MERGED = outbound("");
/** The Envoy cluster that a pin of no known value leads to; it does not exist. */
export const UNKNOWN = "cluster_local_unknown_pin";

/** The service's Envoy cluster with the endpoints of one cluster. */
export function outbound(cluster: string): string {
  return `outbound|9080|${cluster}|${HOST}`;
}

/** A message of one of Envoy's extensions. */
export function extension(type: string, fields: object = {}): object {
  return { "@type": `type.googleapis.com/envoy.extensions.${type}`, ...fields };
}
