import type { Caller } from "../../inventory/model.ts";
import { PIN_HEADERS } from "../../policy/extras.ts";
import { accessLog } from "./access-log.ts";
import { socketAddress } from "./address.ts";
import { httpFilters } from "./filters.ts";
import { any, type Message } from "./types.ts";

/** What a caller's listener is made of, beside the caller. */
export interface ListenerParts {
  virtualHosts: Message[];
  /** See `httpFilters`. */
  ecdsPath: string | undefined;
  /** The policy's `override.header`. */
  overrideHeader: string | undefined;
}

/** envoy.config.listener.v3.Listener: HTTP/1.1 and HTTP/2 without TLS on one port, WebSocket over both. */
export function listener(caller: Caller, { virtualHosts, ecdsPath, overrideHeader }: ListenerParts): Message {
  const accessLogs = accessLog(caller);
  const { cluster, order, target } = PIN_HEADERS;
  const ownHeaders = [cluster, order, target, ...(overrideHeader ? [overrideHeader] : [])];
  const manager = any("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: caller.kind === "gateway" ? "gateway" : "outbound",
    codec_type: "AUTO",
    http2_protocol_options: { allow_connect: true },
    upgrade_configs: [{ upgrade_type: "websocket" }],
    // The default of 5 min would end streams that are quiet for a while.
    stream_idle_timeout: "0s",
    // At the edge the client's address is the connection's, whatever the client says of itself.
    ...(caller.kind === "gateway" && { use_remote_address: true }),
    route_config: {
      name: caller.name,
      virtual_hosts: virtualHosts,
      // What a client sent in the filter's name: all of it where the filter is not there, else the name that its pin leaves.
      request_headers_to_remove: ecdsPath === undefined ? ownHeaders : [target],
    },
    http_filters: httpFilters(ecdsPath),
    ...(accessLogs.length > 0 && { access_log: accessLogs }),
  });
  const filter = { name: "envoy.filters.network.http_connection_manager", typed_config: manager };
  return {
    name: caller.name,
    address: socketAddress(caller.listener),
    traffic_direction: "OUTBOUND",
    filter_chains: [{ filters: [filter] }],
  };
}
