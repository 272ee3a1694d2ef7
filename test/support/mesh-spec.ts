import { startBackend, type Backend, type BackendOptions } from "./backend.ts";
import { freeAddress } from "../../envoy/ports.ts";

/** What `startMesh` builds. Addresses are left out: it finds free ones. */
export interface MeshSpec {
  /** A policy as a value or as the text of its file. */
  policy: object | string;
  clusters: readonly ClusterSpec[];
  /** Fields of mesh.yaml's `healthCheck`; default: every 0.2 s, unhealthy after one failure, healthy after one success. */
  healthCheck?: Record<string, string | number>;
  /** Plugin configurations that callers start with, in place of the generated ones: `{"m1c1/sleep": "{…"}`. */
  plugins?: Readonly<Record<string, string>>;
  /** Worker threads of each Envoy; default 1. */
  concurrency?: number;
  /** Default `warning`, and `info` for the filter's own log. */
  logLevel?: string;
  /** More arguments for each Envoy. */
  args?: readonly string[];
}

export interface ClusterSpec {
  id: string;
  services?: readonly ServiceSpec[];
  callers?: readonly CallerSpec[];
}

export interface ServiceSpec {
  /** `namespace/name`. */
  service: string;
  /** The port that callers use; default 9080. Nothing listens on it. */
  port?: number;
  protocol?: "http" | "http2" | "grpc";
  /** `{path: "/health"}`, `{grpc: true}`, `{tcp: true}`; default: what fits the protocol and sees a backend that hangs. */
  healthCheck?: Record<string, unknown>;
  labels?: Record<string, string>;
  /** How many backends; default 1. With 0 the cluster knows the service, but has no endpoint of it. */
  backends?: number;
  reply?: BackendOptions["reply"];
  /** More fields of the inventory's entry: `{retries: {attempts: 2}}`. */
  settings?: Record<string, unknown>;
}

/** A caller as in mesh.yaml; the namespace is `default` unless given. */
export interface CallerSpec {
  name: string;
  namespace?: string;
  workload?: string;
  kind?: "sidecar" | "gateway";
  plugin?: boolean;
  accessLog?: boolean | string;
  routes?: readonly object[];
}

/** A backend, and which service's endpoint it is. */
export interface Endpoint extends Backend {
  /** `namespace/name`. */
  readonly service: string;
}

export interface BuiltMesh {
  /** The text of mesh.yaml (JSON, which is YAML). */
  text: string;
  endpoints: Endpoint[];
}

// Backends share their process with the test: a short timeout would take a busy test for a dead backend.
const quick = { interval: "0.2s", timeout: "1s", unhealthyThreshold: 1, healthyThreshold: 1 };

/** Starts the backends and writes down the inventory of the mesh with their addresses. */
export async function buildMesh(spec: MeshSpec): Promise<BuiltMesh> {
  const endpoints: Endpoint[] = [];
  const clusters = [];
  for (const { id, services = [], callers: callerSpecs = [] } of spec.clusters) {
    const serviceEntries = [];
    for (const service of services) {
      const own = await startEndpoints(id, service);
      endpoints.push(...own);
      serviceEntries.push(serviceEntry(service, own));
    }
    const callerEntries = [];
    for (const caller of callerSpecs) {
      const addresses = { listener: await freeAddress(), admin: await freeAddress() };
      callerEntries.push({ namespace: "default", ...caller, ...addresses });
    }
    clusters.push({ id, services: serviceEntries, callers: callerEntries });
  }
  const mesh = { version: 1, healthCheck: { ...quick, ...spec.healthCheck }, clusters };
  return { text: JSON.stringify(mesh, null, 2), endpoints };
}

async function startEndpoints(cluster: string, spec: ServiceSpec): Promise<Endpoint[]> {
  const { service, protocol = "http", backends = 1, reply } = spec;
  const endpoints: Endpoint[] = [];
  for (let index = 0; index < backends; index++) {
    const name = `${service} ${index} in ${cluster}`;
    const backend = await startBackend({ name, cluster, protocol, ...(reply && { reply }) });
    endpoints.push(Object.assign(backend, { service }));
  }
  return endpoints;
}

function serviceEntry(spec: ServiceSpec, endpoints: Endpoint[]): object {
  const { service, port = 9080, protocol = "http", labels } = spec;
  return {
    service,
    port,
    protocol,
    healthCheck: spec.healthCheck ?? (protocol === "grpc" ? { grpc: true } : { path: "/health" }),
    ...(labels && { labels }),
    ...spec.settings,
    endpoints: endpoints.map(({ address }) => address),
  };
}
