import { Host, type Properties, type Stream } from "../../../src/wasm/host.ts";
import { CLUSTER, LOCAL } from "../envoys/filters.ts";

/** What an endpoint of the local cluster is known by. */
const answeredByLocal: Properties = {
  "upstream.address": "127.0.0.1:9080",
  "xds.upstream_host_metadata.filter_metadata.envoy.lb.cluster": LOCAL,
};

/** A VM with one configuration, in the local cluster. Throws with the filter's reasons when it refuses it. */
export function start(module: WebAssembly.Module, configuration: object): { host: Host; root: number } {
  const host = Host.start(module, {
    "xds.node.metadata.CLUSTER_ID": LOCAL,
    "xds.node.metadata.NAMESPACE": "default",
  });
  const { id, accepted } = host.root(JSON.stringify(configuration));
  if (!accepted) throw new Error(host.log.join("\n"));
  return { host, root: id };
}

/** A stream to the service that strict rules name; none of its callbacks has run. */
export function open(host: Host, root: number): Stream {
  const headers = [":authority", ":path", ":method"].map((name): [string, string] => [name, "x"]);
  return host.open(root, headers, { "xds.cluster_name": CLUSTER });
}

/** Its response comes from the local cluster. */
export function respond(stream: Stream): void {
  stream.response(answeredByLocal);
}
