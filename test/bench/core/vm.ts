import { Host, type Stream } from "../../../src/wasm/host.ts";
import { LOCAL, MERGED } from "../envoys/names.ts";

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
  return host.open(root, headers, { "xds.cluster_name": MERGED });
}
