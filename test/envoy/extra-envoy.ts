import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse, stringify } from "yaml";
import { freePort } from "../../envoy/ports.ts";
import { startEnvoy, type EnvoyProcess } from "../../envoy/process.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import type { TestMesh } from "../support/mesh.ts";

/** The parts of a caller's configuration that tests change: all of it in one bootstrap, but for the filter. */
export interface Bootstrap {
  node: { metadata: Record<string, string> };
  admin: { address: { socket_address: { port_value: number } } };
  static_resources: {
    listeners: Listener[];
    clusters: { name: string; [field: string]: unknown }[];
  };
}
export interface Listener {
  name: string;
  address: { socket_address: { port_value: number } };
  filter_chains: { filters: { typed_config: HttpConnectionManager }[] }[];
}
export interface HttpConnectionManager {
  route_config: { virtual_hosts: VirtualHost[]; [field: string]: unknown };
  http_filters: { name: string; [field: string]: unknown }[];
  [field: string]: unknown;
}
export interface VirtualHost {
  name: string;
  domains: string[];
  routes: object[];
}

/** An Envoy of a mesh's caller that was changed by hand. */
export interface ExtraEnvoy {
  envoy: EnvoyProcess;
  /** Of its first listener. */
  address: string;
  /** Its own copy of the caller's ECDS file. */
  ecds: string;
}

/** The HTTP connection manager of a listener. */
export function managerOf(listener: Listener): HttpConnectionManager {
  return listener.filter_chains[0]!.filters[0]!.typed_config;
}

/**
 * Starts another Envoy like a caller's, on ports of its own and with an ECDS file of its own, after `change` had its way
 * with the bootstrap. What cannot be said in mesh.yaml is tested so. `binary`: another Envoy than the tests' own.
 */
export async function startExtra(
  mesh: TestMesh,
  caller: string,
  name: string,
  change: (bootstrap: Bootstrap) => void,
  binary?: string,
): Promise<ExtraEnvoy> {
  const original = mesh.caller(caller);
  const folder = join(mesh.dir, name);
  await mkdir(folder);
  // A folder of its own: it is the folder that Envoy watches for a rename.
  const ecds = join(folder, basename(original.ecds));
  await writeFile(ecds, await readFile(original.ecds));
  const bootstrap = await inOne(original.folder, folder);
  const [port, admin] = [await freePort(), await freePort()];
  bootstrap.static_resources.listeners[0]!.address.socket_address.port_value = port;
  bootstrap.admin.address.socket_address.port_value = admin;
  change(bootstrap);
  const config = join(folder, "envoy.yaml");
  await writeFile(
    config,
    stringify(bootstrap, { defaultStringType: "QUOTE_DOUBLE", aliasDuplicateObjects: false }),
  );
  const path = binary ?? (await resolveEnvoy()).path;
  const args = ["--component-log-level", "wasm:info"];
  const envoy = await startEnvoy({ path, config, admin: `127.0.0.1:${admin}`, name, args });
  return { envoy, address: `127.0.0.1:${port}`, ecds };
}

/** What is in a caller's files, all of it in one bootstrap, but for the filter: that stays in a file of the new folder. */
async function inOne(from: string, to: string): Promise<Bootstrap> {
  const read = async (name: string) =>
    parse((await readFile(join(from, name), "utf8")).replaceAll(from, to)) as unknown;
  const resources = async <T extends object>(name: string) =>
    ((await read(name)) as { resources: T[] }).resources.map((resource) => without(resource, "@type"));
  const bootstrap = without((await read("envoy.yaml")) as Bootstrap, "dynamic_resources");
  const listeners = await resources<Listener>("listeners.yaml");
  const [routes] = await resources<HttpConnectionManager["route_config"]>("routes.yaml");
  const manager = managerOf(listeners[0]!);
  delete manager.rds;
  manager.route_config = routes!;
  return { ...bootstrap, static_resources: { listeners, clusters: await resources("clusters.yaml") } };
}

function without<T extends object>(message: T, field: string): T {
  return Object.fromEntries(Object.entries(message).filter(([name]) => name !== field)) as T;
}
