import { hostOf } from "../../inventory/model.ts";
import type { Matcher } from "../../policy/match.ts";
import { accessLogs } from "./access-log.ts";
import { socketAddress } from "./address.ts";
import { fromFile } from "./discovery.ts";
import { httpFilters } from "./filters.ts";
import type { Plan } from "./plan.ts";
import { any, type Message } from "./types.ts";

const MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** What a caller's listener reads, by path. */
export interface ListenerFiles {
  routes: string;
  /** See `httpFilters`. */
  ecds: string | undefined;
}

/** envoy.config.listener.v3.Listener: HTTP/1.1 and HTTP/2 without TLS on one port, WebSocket over both. */
export function listener(plan: Plan, matcher: Matcher, files: ListenerFiles): Message {
  const { caller } = plan;
  const logs = accessLogs(caller);
  const manager = any(MANAGER, {
    stat_prefix: caller.kind === "gateway" ? "gateway" : "outbound",
    codec_type: "AUTO",
    http2_protocol_options: { allow_connect: true },
    upgrade_configs: [{ upgrade_type: "websocket" }],
    // The default of 5 min would end streams that are quiet for a while.
    stream_idle_timeout: "0s",
    // At the edge the client's address is the connection's, whatever the client says of itself.
    ...(caller.kind === "gateway" && { use_remote_address: true }),
    // Else `/a//b` and `/x/../a/b` would be other paths than `/a/b` to a rule, and the same to the service.
    ...(looksAtPaths(plan, matcher) && { normalize_path: true, merge_slashes: true }),
    rds: { route_config_name: caller.name, config_source: fromFile(files.routes) },
    http_filters: httpFilters(files.ecds),
    ...(logs.length > 0 && { access_log: logs }),
  });
  const filter = { name: "envoy.filters.network.http_connection_manager", typed_config: manager };
  return any("envoy.config.listener.v3.Listener", {
    name: caller.name,
    address: socketAddress(caller.listener),
    traffic_direction: "OUTBOUND",
    filter_chains: [{ filters: [filter] }],
  });
}

/** Whether a rule for one of the caller's services has `paths`. */
function looksAtPaths({ caller, services, clusterDomain }: Plan, matcher: Matcher): boolean {
  if (!caller.plugin) return false;
  return services.some((service) =>
    matcher
      .candidates(hostOf(service, clusterDomain), caller)
      .some((pattern) => matcher.ruleOf(pattern).paths !== undefined),
  );
}
