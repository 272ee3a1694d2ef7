import { ownOf } from "../input/loose.ts";

/** What the name of an Envoy cluster says. */
export interface ServiceName {
  /** `namespace/name`, or the host where it is no Kubernetes service. */
  service: string;
  /** In lower case. */
  host: string;
  port: number | undefined;
  /** Istio's subset. */
  subset: string | undefined;
}

/** Clusters of Istio's own that are no service of the mesh. */
const INFRASTRUCTURE = new Set([
  "BlackHoleCluster",
  "PassthroughCluster",
  "InboundPassthroughCluster",
  "InboundPassthroughClusterIpv4",
  "InboundPassthroughClusterIpv6",
  "InboundPassthroughCluster;.",
  "prometheus_stats",
  "agent",
  "sds-grpc",
  "xds-grpc",
  "zipkin",
]);

/** What Envoy clusters stand for whose names do not say it: `namespace/name` or a host, as in a plugin configuration. */
export type Names = Readonly<Record<string, string>>;

/** The same, by the `names` of the filter's configuration first. */
export function namedService(cluster: string, names: Names): ServiceName | undefined {
  const text = ownOf(names, cluster);
  if (text === undefined) return serviceName(cluster);
  const [namespace, name] = text.split("/");
  const host = name === undefined ? text : `${name}.${namespace!}.svc.cluster.local`;
  return { ...serviceOf(host), service: text, port: undefined, subset: undefined };
}

/**
 * The service that an Envoy cluster stands for, from the forms that the filter reads as well (assembly/core/service.ts):
 * Istio's `outbound|9080|subset|host`, `host:port`, `host`. Undefined for what is no upstream of the mesh.
 */
export function serviceName(cluster: string): ServiceName | undefined {
  const parts = cluster.split("|");
  if (parts.length === 4) {
    const [direction, port, subset, host] = parts as [string, string, string, string];
    if (direction !== "outbound") return undefined;
    return { ...serviceOf(host), port: portOf(port), subset: subset === "" ? undefined : subset };
  }
  // `outbound_.9080_.v1_.host`: for TLS that is passed through by its server name.
  const sni = /^(\w+)_\.(\d+)_\.(.*?)_\.(.+)$/.exec(cluster);
  if (sni) return serviceName(sni.slice(1).join("|"));
  if (INFRASTRUCTURE.has(cluster)) return undefined;
  const [, host, port] = /^(.+):(\d+)$/.exec(cluster) ?? [];
  return { ...serviceOf(host ?? cluster), port: portOf(port), subset: undefined };
}

function serviceOf(written: string): Pick<ServiceName, "service" | "host"> {
  const host = written.toLowerCase();
  const [, name, namespace] = /^([^.]+)\.([^.]+)\.svc\../.exec(host) ?? [];
  return { host, service: name === undefined ? written : `${namespace!}/${name}` };
}

function portOf(text: string | undefined): number | undefined {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
}

/** A subset that is named after a cluster; on Istio alone or with one of the user's (src/targets/istio/names.ts). */
export function clusterOfSubset(subset: string | undefined, ids: ReadonlySet<string>): string | undefined {
  if (subset === undefined || ids.has(subset)) return subset;
  return [...ids].find((id) => subset === `cl-${id}` || subset.startsWith(`cl-${id}--`));
}
