import type { Fields } from "../../input/loose.ts";
import type { Evidence } from "../evidence.ts";
import type { ProxySample } from "../model.ts";

/** All that a diagnosis looks at, of one proxy. */
export interface ProxyState {
  /** Of the admin interface, as given. */
  address: string;
  proxy: ProxySample["proxy"];
  managers: Manager[];
  /** Our filter's configurations, each once however many listeners have it. */
  plugins: Plugin[];
  upstreams: Upstream[];
  /** Listeners and clusters whose latest update Envoy refused, with its reason. */
  rejected: { resource: string; reason: string }[];
  routes: Route[];
  /** Counters and gauges of extension discovery and of Wasm, by their whole names. */
  stats: ReadonlyMap<string, number>;
  /** What was counted of governed requests since Envoy started. */
  evidence: Evidence;
}

/** An HTTP connection manager: what a listener does with HTTP. */
export interface Manager {
  /** The name of its listener. */
  listener: string;
  /** Whether it takes requests to its own workload, from it, or does not say. */
  direction: "inbound" | "outbound" | "unknown";
  /** It trusts nothing that clients say of their address, as gateways do (`use_remote_address`). */
  edge: boolean;
  filters: HttpFilter[];
  /** Its stats access logger counts governed requests. */
  counts: boolean;
}

export interface HttpFilter {
  name: string;
  /** `envoy.extensions.filters.http.router.v3.Router`; empty while its configuration has not come. */
  type: string;
  config: Fields;
  /** Its configuration comes by extension discovery (ECDS). */
  discovered: boolean;
  /** It is our filter. */
  ours: boolean;
}

/** A configuration of our filter that Envoy was given. */
export interface Plugin {
  /** Under which it is discovered, or stands in its listener. */
  name: string;
  discovered: boolean;
  /** When Envoy got it: ISO 8601. */
  updated: string | undefined;
  /** What the filter reads: JSON. */
  text: string;
  /** Without the filter's VM, requests go on as if there were no filter. */
  failOpen: boolean;
}

/** An Envoy cluster that stands for a service. */
export interface Upstream {
  name: string;
  service: string;
  host: string;
  port: number | undefined;
  subset: string | undefined;
  /** envoy.config.cluster.v3.Cluster. */
  config: Fields;
  endpoints: UpstreamEndpoint[];
}

export interface UpstreamEndpoint {
  address: string;
  /** The id of its cluster; undefined where it does not say. */
  to: string | undefined;
  healthy: boolean;
  flags: string[];
  /** 0 is what is used first. */
  priority: number;
}

/** A route to Envoy clusters. */
export interface Route {
  /** Of its virtual host and, behind a slash, its own where it has one. */
  name: string;
  /** It looks at the pin. */
  readsPin: boolean;
  /** The Envoy clusters that requests with this pin, or without one, may be sent to. */
  clustersFor: (pin: string | undefined) => ReadonlySet<string>;
}
