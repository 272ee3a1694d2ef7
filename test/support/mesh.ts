import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { removeAtExit } from "../../envoy/at-exit.ts";
import { startEnvoy, type EnvoyProcess } from "../../envoy/process.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { waitUntil } from "../../envoy/wait.ts";
import { orThrow, parseMesh, type Caller as CallerModel } from "../../src/index.ts";
import { folderOf } from "../../src/targets/envoy/names.ts";
import { replaceConfiguration, watchDelivery, type Delivery } from "./ecds.ts";
import { generateInto } from "./generate.ts";
import { send, type HttpRequest, type HttpResponse } from "./http-client.ts";
import { buildMesh, type Endpoint, type MeshSpec } from "./mesh-spec.ts";
import { expectUpdates } from "./updates.ts";

/** One Envoy of a mesh. */
export interface Caller {
  /** `<cluster>/<name>`, as in `m1c1/sleep`. */
  readonly id: string;
  readonly envoy: EnvoyProcess;
  /** Of its listener: `127.0.0.1:<port>`. */
  readonly address: string;
  /** Where its files are, and two of them: the bootstrap and the ECDS file of the filter. */
  readonly folder: string;
  readonly bootstrap: string;
  readonly ecds: string;
  /** Sends a request through it: `send({host: "httpbin", path: "/get"})`. */
  send(request: Omit<HttpRequest, "address">): Promise<HttpResponse>;
}

/** A mesh of real Envoys on this machine, with backends in this process. */
export interface TestMesh {
  /** The folder with all generated files. */
  readonly dir: string;
  /** The text of mesh.yaml. */
  readonly inventory: string;
  readonly endpoints: readonly Endpoint[];
  /** A service's backend in a cluster: `endpoint("m1c1", "default/reviews")`. Throws when there is none. */
  endpoint(cluster: string, service: string, index?: number): Endpoint;
  /** By `<cluster>/<name>`. Throws when there is none. */
  caller(id: string): Caller;
  /** Forgets what the backends received. */
  reset(): void;
  /** Generates from another policy; resolves when it is live in every Envoy whose configuration it changes. */
  setPolicy(policy: object | string): Promise<void>;
  /** Gives one Envoy any text as its plugin configuration. */
  setPlugin(caller: string, text: string): Promise<Delivery>;
  /** Waits until every Envoy sees each endpoint as healthy (or, given one, that endpoint as healthy or not). */
  waitForHealth(endpoint?: Endpoint, healthy?: boolean): Promise<void>;
  /** Ends the Envoys and the backends, and removes the files; `await using` calls it. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the backends, generates the Envoys' files from the policy and the inventory, starts one Envoy for each
 * caller, and waits until every endpoint is healthy. Whatever was started is stopped when something fails.
 */
export async function startMesh(spec: MeshSpec): Promise<TestMesh> {
  const dir = await mkdtemp(join(tmpdir(), "cluster-local-mesh-"));
  const removeDir = removeAtExit(dir);
  const { text, endpoints } = await buildMesh(spec);
  const callers = new Map<string, Caller>();

  const mesh: TestMesh = {
    dir,
    inventory: text,
    endpoints,
    endpoint(cluster, service, index = 0) {
      const found = endpoints.filter(
        (endpoint) => endpoint.cluster === cluster && endpoint.service === service,
      );
      return found[index] ?? fail(`no endpoint ${index} of ${service} in ${cluster}`);
    },
    caller: (id) => callers.get(id) ?? fail(`no caller ${id}`),
    reset: () => endpoints.forEach((endpoint) => endpoint.reset()),
    async setPolicy(policy) {
      const watched = await Promise.all(
        [...callers.values()].map(async ({ folder, envoy }) => ({
          folder,
          taken: await expectUpdates(envoy.admin),
        })),
      );
      const changed = generateInto(dir, policy, text).map((path) => join(dir, path));
      const namesIn = (folder: string) =>
        changed.filter((path) => dirname(path) === folder).map((path) => basename(path));
      await Promise.all(watched.map(({ folder, taken }) => taken(namesIn(folder))));
    },
    setPlugin(id, configuration) {
      const { envoy, ecds } = mesh.caller(id);
      return watchDelivery(envoy.admin, () => replaceConfiguration(ecds, configuration));
    },
    async waitForHealth(endpoint, healthy = true) {
      const asWanted = async () => {
        const seen = await Promise.all([...callers.values()].map(({ envoy }) => envoy.admin.clusters()));
        const statuses = seen.flatMap((clusters) => [...clusters.values()].flat());
        const asked = statuses.filter(({ address }) => !endpoint || address === endpoint.address);
        return asked.every((status) => status.healthy === healthy);
      };
      if (!(await waitUntil(asWanted, { timeoutMs: 10_000 }))) {
        fail(
          `${endpoint?.name ?? "every endpoint"} was not ${healthy ? "healthy" : "unhealthy"} to all within 10 s`,
        );
      }
    },
    async stop() {
      const envoys = [...callers.values()].map(({ envoy }) => envoy.stop());
      await Promise.all([...envoys, ...endpoints.map((endpoint) => endpoint.stop())]);
      removeDir();
    },
    [Symbol.asyncDispose]: () => mesh.stop(),
  };

  try {
    generateInto(dir, spec.policy, text);
    const { path } = await resolveEnvoy();
    const starting = orThrow(parseMesh(text, "mesh.yaml")).callers.map(async (caller) => {
      const started = await startCaller(spec, caller, join(dir, folderOf(caller)), path);
      callers.set(started.id, started);
    });
    await allSettled(starting);
    await mesh.waitForHealth();
    return mesh;
  } catch (error) {
    await mesh.stop();
    throw error;
  }
}

async function startCaller(
  spec: MeshSpec,
  caller: CallerModel,
  folder: string,
  path: string,
): Promise<Caller> {
  const id = `${caller.cluster}/${caller.name}`;
  const bootstrap = join(folder, "envoy.yaml");
  const ecds = join(folder, "cluster_local.yaml");
  const plugin = spec.plugins?.[id];
  if (plugin !== undefined) await replaceConfiguration(ecds, plugin);
  const { concurrency = 1, logLevel = "warning", args = ["--component-log-level", "wasm:info"] } = spec;
  const [address, admin] = [addressOf(caller.listener), addressOf(caller.admin)];
  const envoy = await startEnvoy({ path, config: bootstrap, admin, name: id, concurrency, logLevel, args });
  return { id, envoy, address, folder, bootstrap, ecds, send: (request) => send({ ...request, address }) };
}

const addressOf = ({ host, port }: { host: string; port: number }) => `${host}:${port}`;

/** Waits for all of them, so that nothing is started any more, and then throws the first error. */
async function allSettled(promises: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

function fail(message: string): never {
  throw new Error(message);
}
