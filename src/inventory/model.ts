import type { Path } from "../input/path.ts";
import { parseAddress, type Address } from "./fields.ts";
import {
  OUTLIERS,
  serviceKey,
  TIMING,
  type Caller,
  type Endpoint,
  type HealthChecking,
  type Mesh,
  type OutlierDetecting,
  type Service,
} from "./mesh-types.ts";
import { routeOf } from "./routes.ts";
import type { CallerEntry, MeshFile, ServiceEntry } from "./schema.ts";

export * from "./mesh-types.ts";

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
