import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../../envoy/ports.ts";
import { resolveEnvoy } from "../../../envoy/resolve.ts";
import { fieldsOf, itemsOf } from "../../../src/input/loose.ts";
import type { ApiServer } from "./api-server.ts";
import type { Istiod } from "./istiod.ts";
import { eventually, Running } from "./process.ts";

/** A real Envoy that gets its configuration from istiod, as the sidecar of a pod of a cluster. */
export class Sidecar {
  private constructor(
    readonly process: Running,
    private readonly admin: string,
  ) {}

  static async start({ folder }: ApiServer, { grpc }: Istiod, cluster: string): Promise<Sidecar> {
    const [host, port] = grpc.split(":") as [string, string];
    const admin = await freePort();
    const address = (at: string, on: number) => ({ socket_address: { address: at, port_value: on } });
    const lb_endpoints = [{ endpoint: { address: address(host, Number(port)) } }];
    const ads = { ads: {}, resource_api_version: "V3" };
    const bootstrap = {
      node: {
        id: `sidecar~10.9.0.1~app-${cluster}.default~default.svc.cluster.local`,
        cluster: "app.default",
        metadata: {
          ...{
            CLUSTER_ID: cluster,
            NAMESPACE: "default",
            INTERCEPTION_MODE: "NONE",
            ISTIO_VERSION: "1.31.0",
          },
          LABELS: { app: "app", "topology.istio.io/cluster": cluster },
        },
      },
      admin: { address: address("127.0.0.1", admin) },
      dynamic_resources: {
        ads_config: {
          ...{ api_type: "GRPC", transport_api_version: "V3", set_node_on_first_message_only: true },
          grpc_services: [{ envoy_grpc: { cluster_name: "istiod" } }],
        },
        ...{ cds_config: ads, lds_config: ads },
      },
      static_resources: {
        clusters: [
          {
            ...{ name: "istiod", type: "STATIC", connect_timeout: "1s" },
            typed_extension_protocol_options: {
              "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                explicit_http_config: { http2_protocol_options: {} },
              },
            },
            load_assignment: { cluster_name: "istiod", endpoints: [{ lb_endpoints }] },
          },
        ],
      },
    };
    const file = join(folder, `sidecar-${cluster}.json`);
    writeFileSync(file, JSON.stringify(bootstrap));
    const { path } = await resolveEnvoy({ log: () => undefined });
    const args = ["-c", file, "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warning"];
    const sidecar = new Sidecar(new Running(`envoy of ${cluster}`, path, args), `http://127.0.0.1:${admin}`);
    await eventually(
      `the Envoy of ${cluster} has clusters of istiod`,
      async () => (await sidecar.hosts("outbound|9080||reviews.default.svc.cluster.local")) !== undefined,
      { withinMs: 60_000 },
    );
    return sidecar;
  }

  /** The addresses that an Envoy cluster has; undefined where there is no such one. */
  async hosts(name: string): Promise<string[] | undefined> {
    const answer = await fetch(`${this.admin}/clusters?format=json`);
    const statuses = itemsOf(fieldsOf(await answer.json()).cluster_statuses).map(fieldsOf);
    const found = statuses.find((one) => one.name === name);
    return (
      found && [...JSON.stringify(found).matchAll(/"address":"(10\.[\d.]+)"/g)].map(([, one]) => one!).sort()
    );
  }

  /** How many updates Envoy refused, by kind. */
  async rejected(): Promise<string[]> {
    const text = await (await fetch(`${this.admin}/stats?filter=update_rejected`)).text();
    return text.split("\n").filter((line) => line !== "" && !line.endsWith(": 0"));
  }
}
