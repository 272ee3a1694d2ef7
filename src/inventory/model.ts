import type { Path } from "../input/path.ts";
import { parseAddress, type Address } from "./fields.ts";
import { routeOf } from "./routes.ts";
import type { CallerEntry, CircuitBreakers, MeshFile, Retries, RouteEntry, ServiceEntry } from "./schema.ts";

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

const TIMING = { interval: "1s", timeout: "0.5s", unhealthyThreshold: 1, healthyThreshold: 1 };
const OUTLIERS = { consecutive5xx: 5, interval: "10s", baseEjectionTime: "30s", maxEjectionPercent: 100 };

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

/** The health check of an entry, with what the file says for all, and the defaults. */
export function healthCheckOf(
  { healthCheck = {} }: ServiceEntry,
  file: Pick<MeshFile, "healthCheck">,
): HealthChecking {
  const timing = { ...TIMING, ...given(file.healthCheck) };
  const { path, grpc, interval, timeout, unhealthyThreshold, healthyThreshold } = healthCheck;
  const own = { ...timing, ...given({ interval, timeout, unhealthyThreshold, healthyThreshold }) };
  if (path !== undefined) return { ...own, kind: "http", path };
  return { ...own, kind: grpc === true ? "grpc" : "tcp" };
}

/** The outlier detection of an entry, with what the file says for all, and the defaults. */
export function outlierDetectionOf(
  { outlierDetection }: ServiceEntry,
  file: Pick<MeshFile, "outlierDetection">,
): OutlierDetecting | undefined {
  if (!outlierDetection && !file.outlierDetection) return undefined;
  return { ...OUTLIERS, ...given(file.outlierDetection ?? {}), ...given(outlierDetection ?? {}) };
}

function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** The model of a file that has passed its checks. */
export function modelOf(file: MeshFile): Mesh {
  const healthChecks = new Map<string, HealthChecking>();
  const services = new Map<string, Service & { endpoints: Endpoint[] }>();
  for (const { id, services: entries } of file.clusters) {
    for (const entry of entries) {
      const key = serviceKey(entry.service, entry.port);
      const [namespace, name] = entry.service.toLowerCase().split("/") as [string, string];
      const { port, protocol, labels = {} } = entry;
      let service = services.get(key);
      if (!service) {
        service = {
          namespace,
          name,
          port,
          protocol,
          healthCheck: shared(healthChecks, entry.healthCheck, () => healthCheckOf(entry, file)),
          outlierDetection: outlierDetectionOf(entry, file),
          retries: entry.retries,
          circuitBreakers: entry.circuitBreakers,
          endpoints: [],
        };
        services.set(key, service);
      }
      for (const text of entry.endpoints) {
        const { host, port } = addressOf(text);
        service.endpoints.push({ host, port, cluster: id, labels });
      }
    }
  }
  return {
    clusters: file.clusters.map(({ id }) => id),
    services: [...services.values()],
    callers: file.clusters.flatMap(({ id, callers }, number) =>
      callers.map((caller, index) => callerOf(caller, id, ["clusters", number, "callers", index], services)),
    ),
  };
}

/** One value for all entries that are written alike. */
function shared<T>(known: Map<string, T>, written: unknown, make: () => T): T {
  const key = JSON.stringify([written]);
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

function callerOf(
  entry: CallerEntry,
  cluster: string,
  path: Path,
  services: ReadonlyMap<string, Service>,
): Caller {
  const { name, kind, namespace, workload = name, accessLog = false } = entry;
  const { plugin = kind === "sidecar" } = entry;
  const routes = (entry.routes ?? []).map((route, index) =>
    routeOf(route, [...path, "routes", index], services),
  );
  const addresses = { listener: addressOf(entry.listener), admin: addressOf(entry.admin) };
  return {
    path,
    name,
    kind,
    cluster,
    namespace: namespace.toLowerCase(),
    workload,
    ...addresses,
    plugin,
    accessLog,
    routes,
  };
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new Error(`not an address: ${text}`);
  return address;
}
