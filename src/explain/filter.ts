import { readFileSync } from "node:fs";
import { destinationOf } from "../policy/destination.ts";
import type { PluginConfigInput } from "../policy/plugin-config.ts";
import { Host, type Headers, type HostCall, type Properties, type Stream } from "../wasm/host.ts";
import { modulePath } from "../wasm/module.ts";

/** What the filter says of a request, from its own host calls. */
export interface Verdict {
  /** In the filter state: `strict`, `prefer`, `observe`, `off`, `override` or `untouched`. */
  decision: string;
  /** The text of the pattern that won; `override` for an override. */
  rule: string | undefined;
  /** The filter state `wasm.cluster_local_pin`. */
  pin: string | undefined;
  /** The override's header, in lower case. */
  removed: string[];
  evidence: Evidence;
}

/** Where the filter looks for the destination, in this order; the last that it looked at is what told it. */
export type Evidence = "cluster" | "virtual host" | "authority";

/** Who the proxy is. */
export interface ProxyFacts {
  cluster: string;
  namespace?: string | undefined;
  workload?: string | undefined;
}

/** What the proxy knows of a request before the filter sees it. */
export interface RequestFacts {
  headers: Headers;
  /** The name of the Envoy cluster that the route chose; undefined when no route did. */
  envoyCluster?: string | undefined;
  virtualHost?: string | undefined;
}

let compiled: WebAssembly.Module | undefined;

/** The release module. Errors: ENOENT when it is not built, WebAssembly.CompileError. */
function moduleOf(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(modulePath()));
  return compiled;
}

/** The shipped filter with one configuration, in the proxy of one caller. */
export class Filter {
  private readonly host: Host;
  private readonly root: number;

  /** Throws Error, with the filter's own reasons, when it refuses the configuration. */
  constructor(config: PluginConfigInput, proxy: ProxyFacts) {
    this.host = Host.start(moduleOf(), nodeOf(proxy));
    const { id, accepted } = this.host.root(JSON.stringify(config));
    if (!accepted) throw new Error(this.host.log.join("\n"));
    this.root = id;
  }

  /** What it does with a request. */
  ask(request: RequestFacts): Verdict {
    const stream = this.send(request);
    const calls = this.host.takeCalls();
    return {
      decision: stream.state?.mode ?? "untouched",
      rule: stream.state?.rule,
      pin: stream.pin,
      removed: removedIn(calls),
      evidence: evidenceOf(calls),
    };
  }

  private send({ headers, envoyCluster, virtualHost }: RequestFacts): Stream {
    this.host.takeCalls();
    const properties: Properties = {
      ...(envoyCluster !== undefined && { "xds.cluster_name": envoyCluster }),
      ...(virtualHost !== undefined && { "xds.virtual_host_name": virtualHost }),
    };
    const own = headers.map(([name, value]): [string, string] => [name, value]);
    return this.host.open(this.root, own, properties).request();
  }
}

function nodeOf({ cluster, namespace, workload }: ProxyFacts): Properties {
  return {
    "xds.node.metadata.CLUSTER_ID": cluster,
    ...(namespace !== undefined && { "xds.node.metadata.NAMESPACE": namespace }),
    ...(workload !== undefined && { "xds.node.metadata.WORKLOAD_NAME": workload }),
  };
}

/** The request's headers are map 0 (proxy-wasm's HttpRequestHeaders). */
const REQUEST = 0;

function removedIn(calls: readonly HostCall[]): string[] {
  const removals = calls.filter(
    ({ name, args }) => name === "remove_header_map_value" && args[0] === REQUEST,
  );
  return removals.map(({ args }) => String(args[1]));
}

function evidenceOf(calls: readonly HostCall[]): Evidence {
  const asked = (name: string, what: string) =>
    calls.some((call) => call.name === name && call.args.includes(what));
  if (asked("get_header_map_value", ":authority")) return "authority";
  return asked("get_property", "xds.virtual_host_name") ? "virtual host" : "cluster";
}

/** The service that a request goes to, as the filter sees it. */
export interface Destination {
  /** The whole name, in lower case; undefined for what it takes for no service at all. */
  host: string | undefined;
  port: number | undefined;
  evidence: Evidence;
}

/** Asks for destinations, in the proxy of one caller. */
export class DestinationProbe {
  constructor(
    private readonly config: Pick<PluginConfigInput, "clusterDomain" | "names">,
    private readonly proxy: ProxyFacts,
  ) {}

  /** The destination of a request. */
  ask({ headers, envoyCluster, virtualHost }: RequestFacts): Destination {
    const authority = headers.find(([name]) => name === ":authority")?.[1];
    const { namespace } = this.proxy;
    const { host, port, evidence } = destinationOf(
      { envoyCluster, virtualHost, authority },
      { ...this.config, namespace },
    );
    return { host: host?.toLowerCase(), port: host === undefined ? undefined : Number(port ?? 80), evidence };
  }
}
