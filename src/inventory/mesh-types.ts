import type { Path } from "../input/path.ts";
import type { Address } from "./fields.ts";
import type { CallerEntry, CircuitBreakers, Retries, RouteEntry } from "./schema.ts";

/** The mesh as callers see it: each service once, with the endpoints of all clusters. */
export interface Mesh {
  /** In the order of the file. */
  clusters: readonly string[];
  services: readonly Service[];
  callers: readonly Caller[];
}

/** A port of a service. */
export interface Service {
  namespace: string;
  name: string;
  port: number;
  protocol: "http" | "http2" | "grpc";
  healthCheck: HealthChecking;
  /** Undefined: endpoints stay in, whatever they answer. */
  outlierDetection: OutlierDetecting | undefined;
  retries: Retries | undefined;
  circuitBreakers: CircuitBreakers | undefined;
  endpoints: readonly Endpoint[];
}

export interface Endpoint extends Address {
  cluster: string;
  labels: Readonly<Record<string, string>>;
}

export type HealthChecking = typeof TIMING &
  ({ kind: "http"; path: string } | { kind: "tcp" } | { kind: "grpc" });

export type OutlierDetecting = typeof OUTLIERS;

export interface Caller extends Pick<CallerEntry, "name" | "kind"> {
  /** In the file. */
  path: Path;
  cluster: string;
  namespace: string;
  workload: string;
  listener: Address;
  admin: Address;
  /** Whether the filter is in its chain. */
  plugin: boolean;
  /** Where the access log goes: true for the standard output, or the path of a file; false for none. */
  accessLog: boolean | string;
  /** Gateways only. */
  routes: readonly Route[];
}

export interface Route extends Pick<RouteEntry, "match" | "rewrite" | "hostRewrite" | "redirect"> {
  /** In the file. */
  path: Path;
  /** Where it leads, by weight; nowhere when it answers with a redirect. */
  to: readonly Destination[];
  /** What gets a copy of each request, or of so many percent. */
  mirror: (Destination & { percent: number }) | undefined;
}

export interface Destination {
  /** In the file. */
  path: Path;
  service: Service;
  /** The only mesh cluster whose endpoints may answer. */
  cluster: string | undefined;
  weight: number;
}

export const TIMING = { interval: "1s", timeout: "0.5s", unhealthyThreshold: 1, healthyThreshold: 1 };
export const OUTLIERS = {
  consecutive5xx: 5,
  interval: "10s",
  baseEjectionTime: "30s",
  maxEjectionPercent: 100,
};

/** `default/reviews:9080`: what tells services apart. Names compare without regard to case (RFC 4343). */
export function serviceKey(service: string, port: number): string {
  return `${service.toLowerCase()}:${port}`;
}

/** The host that callers name: `reviews.default.svc.cluster.local`. */
export function hostOf(
  { namespace, name }: Pick<Service, "namespace" | "name">,
  clusterDomain: string,
): string {
  return `${name}.${namespace}.svc.${clusterDomain}`.toLowerCase();
}
