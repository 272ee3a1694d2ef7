import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

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

/** The HTTP connection manager of a listener. */
export function managerOf(listener: Listener): HttpConnectionManager {
  return listener.filter_chains[0]!.filters[0]!.typed_config;
}

/** What is in a caller's files, all of it in one bootstrap, but for the filter: that stays in a file of the new folder. */
export async function inOne(from: string, to: string): Promise<Bootstrap> {
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
