import type { Agent } from "node:http";
import { join } from "node:path";
import { startEnvoy, type EnvoyProcess } from "../../../envoy/process.ts";
import { waitUntil } from "../../../envoy/wait.ts";
import type { Mesh } from "../../../src/inventory/model.ts";
import { keepAliveAgent } from "../../../test/support/http-client.ts";
import { App, endOf } from "./apps.ts";
import { flipSwitch, prepareFiles, type Files } from "./files.ts";
import { generate } from "./generate.ts";

/** Bookinfo in two clusters: the apps, an Envoy for each caller, and the files that these were made from. */
export interface Bookinfo {
  readonly files: Files;
  /** The gateway's address, and connections to it. */
  readonly gateway: string;
  readonly agent: Agent;
  /** Rejects when a process ends that nobody stopped. */
  readonly failure: Promise<never>;
  app(service: string, cluster: string): App;
  /** Edits the policy file and generates from it; the Envoys then see that their file changed. */
  setRetention(on: boolean): Promise<void>;
  /** Whether each Envoy sees each endpoint as healthy. */
  allHealthy(): Promise<boolean>;
}

/** Starts all of it, with retention off, and waits until every endpoint is healthy. */
export async function startBookinfo(envoyPath: string): Promise<Bookinfo> {
  const files = await prepareFiles();
  const mesh = await generate(files);
  let onEnd!: (error: Error) => void;
  const failure = new Promise<never>((_, reject) => (onEnd = reject));
  failure.catch(() => {}); // whoever runs the acts looks at it

  const apps = createApps(mesh, onEnd);
  const [envoys] = await Promise.all([
    startEnvoys(envoyPath, mesh, files),
    ...[...apps.values()].map((app) => app.start()),
  ]);
  for (const envoy of envoys)
    void envoy.exited.then((ending) => onEnd(new Error(endOf(envoy.name, ending, envoy.log))));

  const bookinfo: Bookinfo = {
    files,
    gateway: addressOf(mesh.callers.find(({ kind }) => kind === "gateway")!.listener),
    agent: keepAliveAgent(),
    failure,
    app: (service, cluster) => apps.get(`${service} ${cluster}`)!,
    async setRetention(on) {
      flipSwitch(files, on);
      await generate(files);
    },
    async allHealthy() {
      const clusters = await Promise.all(envoys.map(({ admin }) => admin.clusters()));
      return clusters.flatMap((byName) => [...byName.values()].flat()).every(({ healthy }) => healthy);
    },
  };
  if (!(await waitUntil(() => bookinfo.allHealthy(), { timeoutMs: 15_000 }))) {
    throw new Error("not every app is healthy to every Envoy after 15 s");
  }
  return bookinfo;
}

/** The apps by `<service> <cluster>`. One that calls others has a sidecar, which is the caller of its name. */
function createApps(mesh: Mesh, onEnd: (error: Error) => void): Map<string, App> {
  const apps = new Map<string, App>();
  for (const { name: service, endpoints } of mesh.services) {
    for (const { cluster, labels, ...address } of endpoints) {
      const caller = mesh.callers.find((caller) => caller.cluster === cluster && caller.name === service);
      const sidecar = caller && addressOf(caller.listener);
      const { version } = labels;
      apps.set(
        `${service} ${cluster}`,
        new App({ service, cluster, version, sidecar, address: addressOf(address), onEnd }),
      );
    }
  }
  return apps;
}

function startEnvoys(path: string, mesh: Mesh, { out }: Files): Promise<EnvoyProcess[]> {
  return Promise.all(
    mesh.callers.map(({ cluster, name, kind, admin }) => {
      const what = kind === "gateway" ? `the gateway in ${cluster}` : `the sidecar of ${name} in ${cluster}`;
      return startEnvoy({
        path,
        config: join(out, cluster, name, "envoy.yaml"),
        admin: addressOf(admin),
        name: what,
      });
    }),
  );
}

const addressOf = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;
