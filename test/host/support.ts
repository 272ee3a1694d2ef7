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

const SERVED_BY = "xds.upstream_host_metadata.filter_metadata.envoy.lb.cluster";
const ADDRESS = "upstream.address";

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

/** Its response phase, answered by an endpoint in this cluster; null: by nobody, undefined: by one that does not say. */
export function answer(stream: Stream, cluster: string | null | undefined): Stream {
  if (cluster === null) return stream.response();
  const address = { [ADDRESS]: "127.0.0.1:80" };
  return stream.response(cluster === undefined ? address : { ...address, [SERVED_BY]: cluster });
}
