import { startBackend, type Backend } from "../../support/backend.ts";
import type { Kube } from "../../../src/kube/client.ts";
import type { Fields } from "../../../src/input/loose.ts";
import { apply, pathOf, remove } from "./mesh.ts";

export interface PodOptions {
  cluster: string;
  app: string;
  version: string;
  /** The loopback address, for which 10.… stands in the API server. */
  address: string;
  port: number;
}

/** A pod of a service: a backend that counts, and what the API server knows of it. */
export class Pod {
  private constructor(
    readonly backend: Backend,
    readonly options: PodOptions,
    private readonly kube: Kube,
  ) {}

  static async start(kube: Kube, options: PodOptions): Promise<Pod> {
    const { app, version, cluster, address, port } = options;
    const name = `${app}-${version}-${cluster}`;
    const backend = await startBackend({ name, cluster, host: address, port });
    const pod = new Pod(backend, options, kube);
    await apply(kube, pod.object());
    await pod.ready(true);
    return pod;
  }

  /** As a readiness probe would: the endpoint comes or goes. */
  async ready(ready: boolean): Promise<void> {
    const status = {
      ...{ phase: "Running", podIP: this.ip, podIPs: [{ ip: this.ip }] },
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    };
    await this.kube.patch(`${pathOf(this.object())}/status`, { status });
    await apply(this.kube, this.slice(ready));
  }

  /** Takes it out of the API server; its backend goes on until `stop`. */
  async leave(): Promise<void> {
    await remove(this.kube, this.slice(false));
    await remove(this.kube, this.object());
  }

  async stop(): Promise<void> {
    await this.backend.stop();
  }

  private get ip(): string {
    return this.options.address.replace(/^127/, "10");
  }

  private object(): Fields {
    const { app, version } = this.options;
    return {
      ...{ apiVersion: "v1", kind: "Pod" },
      metadata: { name: this.backend.name, namespace: "default", labels: { app, version } },
      spec: { containers: [{ name: "application", image: "application" }] },
    };
  }

  private slice(ready: boolean): Fields {
    const { app, port } = this.options;
    const { name } = this.backend;
    const targetRef = { kind: "Pod", namespace: "default", name };
    return {
      ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", addressType: "IPv4" },
      metadata: { name, namespace: "default", labels: { "kubernetes.io/service-name": app } },
      ports: [{ name: "http", port, protocol: "TCP" }],
      endpoints: [{ addresses: [this.ip], conditions: { ready, serving: ready }, targetRef }],
    };
  }
}
