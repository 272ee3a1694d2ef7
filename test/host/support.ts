import { expect } from "vitest";
import { Host, type Headers, type Properties, type Stream } from "../../src/wasm/host.ts";
import { loadModule } from "../../src/wasm/module.ts";

/** The release module, compiled once a test file. */
export const module = await loadModule();

export const node: Properties = {
  "xds.node.metadata.CLUSTER_ID": "m1c1",
  "xds.node.metadata.NAMESPACE": "default",
};
export const reviews = "outbound|9080||reviews.default.svc.cluster.local";
export const ratings = "outbound|9080||ratings.default.svc.cluster.local";
export const strict = { version: 1, rules: [{ services: ["default/reviews"], mode: "strict" }] };

/** A host with one accepted configuration. */
export function start(configuration: object, properties: Properties = node): { host: Host; root: number } {
  const host = Host.start(module, properties);
  const root = host.root(JSON.stringify(configuration));
  expect(host.log.filter((line) => line.startsWith("error"))).toEqual([]);
  expect(root.accepted).toBe(true);
  host.takeCalls();
  return { host, root: root.id };
}

/** A stream to the Envoy cluster of this name, its request phase run. */
export function send(host: Host, root: number, cluster: string, headers: Headers = []): Stream {
  const all: Headers = [[":authority", "reviews:9080"], [":path", "/reviews/0"], ...headers];
  return host.open(root, all, { "xds.cluster_name": cluster }).request();
}

/** The host calls of a request whose counters are known, as `name argument`. */
export function callsOf(host: Host, root: number, cluster: string, headers: Headers = []): string[] {
  send(host, root, cluster, headers);
  host.takeCalls();
  send(host, root, cluster, headers);
  return host.takeCalls().map(({ name, args }) => `${name} ${args.at(-1)}`);
}

/** The counters, without their common beginning. */
export function counters(host: Host): Record<string, number> {
  return Object.fromEntries(
    [...host.counters].map(([name, count]) => [name.replace("cluster_local.", ""), count]),
  );
}
