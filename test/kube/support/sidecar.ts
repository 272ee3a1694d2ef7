import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../envoy/ports.ts";
import { startEnvoy, type EnvoyProcess } from "../../../envoy/process.ts";
import { resolveEnvoy } from "../../../envoy/resolve.ts";
import type { Fields } from "../../../src/input/loose.ts";
import type { Istiod } from "./istiod.ts";

/** Where a client's Envoy listens for its application. */
export interface Place {
  cluster: string;
  /** A loopback address of its own. */
  bind: string;
}

/** Istio's Sidecar resource that makes the client's Envoy listen without iptables. */
export function sidecarResource({ cluster, bind }: Place, ports: readonly number[]): Fields {
  return {
    ...{ apiVersion: "networking.istio.io/v1", kind: "Sidecar" },
    metadata: { name: `client-${cluster}`, namespace: "default" },
    spec: {
      workloadSelector: { labels: labelsOf(cluster) },
      egress: ports.map((number) => ({
        ...{ bind, captureMode: "NONE", hosts: ["*/*"] },
        port: { number, protocol: "HTTP", name: `http-${number}` },
      })),
    },
  };
}

const labelsOf = (cluster: string) => ({ app: "client", client: cluster });

/** A real Envoy that knows nothing but what istiod tells the sidecar of a client in a cluster. */
export async function startSidecar(
  { agent, folder }: Istiod,
  { cluster, bind }: Place,
): Promise<EnvoyProcess> {
  const admin = `127.0.0.1:${await freePort()}`;
  const ads = { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" };
  const pod = `client-${cluster}`;
  const bootstrap = {
    node: {
      id: `sidecar~${bind.replace("127", "10")}~${pod}.default~default.svc.cluster.local`,
      cluster: "client.default",
      metadata: {
        ...{ CLUSTER_ID: cluster, NAMESPACE: "default", NAME: pod, INSTANCE_IPS: bind.replace("127", "10") },
        // Listeners bind to their ports: there is no iptables rule.
        ...{ INTERCEPTION_MODE: "NONE", MESH_ID: "cluster.local", ISTIO_VERSION: "1.31.0" },
        LABELS: { ...labelsOf(cluster), "topology.istio.io/cluster": cluster },
      },
    },
    admin: { address: socket(admin) },
    dynamic_resources: {
      ads_config: {
        ...{ api_type: "DELTA_GRPC", transport_api_version: "V3", set_node_on_first_message_only: true },
        grpc_services: [{ envoy_grpc: { cluster_name: "agent" } }],
      },
      ...{ cds_config: ads, lds_config: ads },
    },
    static_resources: { clusters: [agentCluster(agent)] },
  };
  const config = join(folder, `${pod}.json`);
  writeFileSync(config, JSON.stringify(bootstrap));
  const { path } = await resolveEnvoy({ log: () => undefined });
  return startEnvoy({ path, config, admin, name: pod, timeoutMs: 90_000 });
}

function agentCluster(agent: string): Fields {
  const type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  const http2 = { explicit_http_config: { http2_protocol_options: {} } };
  return {
    ...{ name: "agent", type: "STATIC", connect_timeout: "1s" },
    typed_extension_protocol_options: { [type]: { "@type": `type.googleapis.com/${type}`, ...http2 } },
    load_assignment: {
      cluster_name: "agent",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(agent) } }] }],
    },
  };
}

function socket(hostPort: string): Fields {
  const [address, port] = hostPort.split(":");
  return { socket_address: { address, port_value: Number(port) } };
}
