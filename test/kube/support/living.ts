import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { freePort } from "../../../envoy/ports.ts";
import type { EnvoyProcess } from "../../../envoy/process.ts";
import { startIstiod, type Istiod } from "./istiod.ts";
import { apply, service, startMesh, type TestMesh } from "./mesh.ts";
import { Pod } from "./pod.ts";
import { eventually } from "./process.ts";
import { sidecarResource, startSidecar, type Place } from "./sidecar.ts";
import { Traffic } from "./traffic.ts";

const APP = "reviews";
const CLUSTERS = ["m1c1", "m1c2"];

/** Two clusters that live: istiod, an Envoy and backends of `default/reviews` in each, versions v1 and v2. */
export class LivingMesh {
  private constructor(
    readonly mesh: TestMesh,
    readonly istiod: Istiod,
    readonly pods: readonly Pod[],
    readonly envoys: readonly EnvoyProcess[],
    private readonly places: readonly Place[],
    readonly port: number,
    private readonly filter: Server,
  ) {}

  static async start(): Promise<LivingMesh> {
    const mesh = await startMesh("admin");
    // Of the loopback addresses, some that nobody else uses.
    const block = 64 + (process.pid % 128);
    const port = await freePort();
    const places = CLUSTERS.map((cluster, index) => ({ cluster, bind: `127.${block}.${100 + index}.1` }));
    const kubes = [mesh.one, mesh.two];
    for (const kube of kubes) await apply(kube, service("default", APP, port));
    const pods: Pod[] = [];
    for (const [index, kube] of kubes.entries())
      for (const [nth, version] of ["v1", "v2"].entries()) {
        const address = `127.${block}.${index + 1}.${nth + 1}`;
        pods.push(await Pod.start(kube, { cluster: CLUSTERS[index]!, app: APP, version, address, port }));
      }
    for (const place of places) await apply(mesh.one, sidecarResource(place, [port]));
    const istiod = await startIstiod(mesh);
    const envoys = await Promise.all(places.map((place) => startSidecar(istiod, place)));
    const module = readFileSync("build/cluster-local.wasm");
    const filter = createServer((_, answer) => answer.end(module)).listen(0, "127.0.0.1");
    await once(filter, "listening");
    const living = new LivingMesh(mesh, istiod, pods, envoys, places, port, filter);
    await living.goesEverywhere();
    return living;
  }

  /** Where proxies get the filter. */
  get image(): string {
    return `http://127.0.0.1:${(this.filter.address() as AddressInfo).port}/cluster-local.wasm`;
  }

  get host(): string {
    return `${APP}.default.svc.cluster.local:${this.port}`;
  }

  traffic(): Traffic {
    const clients = this.places.map(({ cluster, bind }) => ({ cluster, address: `${bind}:${this.port}` }));
    const backends = this.pods.map(({ backend }) => backend);
    return new Traffic(clients, backends, this.host);
  }

  /** Until requests of each cluster reach the pods of both. */
  async goesEverywhere(): Promise<void> {
    const traffic = this.traffic();
    const [m1c1, m1c2] = CLUSTERS as [string, string];
    const came = (from: string, to: string) =>
      this.pods.some(
        ({ backend }) => backend.cluster === to && backend.received.some(({ source }) => source === from),
      );
    await eventually(
      "requests go everywhere",
      () => {
        const cells = [came(m1c1, m1c1), came(m1c1, m1c2), came(m1c2, m1c1), came(m1c2, m1c2)];
        if (!cells.every(Boolean)) throw new Error(`${cells.join()} ${JSON.stringify(traffic.failed())}`);
        return true;
      },
      { withinMs: 60_000 },
    ).finally(() => traffic.stop());
  }

  /** Updates that Envoys refused, by the name of the counter. */
  async rejected(): Promise<string[]> {
    const all = await Promise.all(this.envoys.map(({ admin }) => admin.stats("update_rejected")));
    return all.flatMap((stats) => [...stats].filter(([, value]) => value > 0).map(([name]) => name));
  }

  async stop(): Promise<void> {
    await Promise.all(this.envoys.map((one) => one.stop(500)));
    await this.istiod.stop();
    for (const pod of this.pods) await pod.stop();
    this.filter.close();
    await this.mesh.stop();
  }
}
