import type { Caller } from "../../inventory/model.ts";
import { MODE, PIN, RULE, SERVED_BY, statsLog } from "./evidence.ts";
import { any, type Message } from "./types.ts";

/** The `access_log` of a caller's listener. */
export function accessLogs(caller: Caller): Message[] {
  return [...(caller.plugin ? [statsLog()] : []), ...accessLog(caller)];
}

/** One line of JSON for each request, what is unknown being null. */
export function accessLog({ accessLog }: Pick<Caller, "accessLog">): Message[] {
  if (accessLog === false) return [];
  const format = { log_format: { json_format: FORMAT } };
  if (accessLog === true) {
    const stdout = any("envoy.extensions.access_loggers.stream.v3.StdoutAccessLog", format);
    return [{ name: "envoy.access_loggers.stdout", typed_config: stdout }];
  }
  const file = any("envoy.extensions.access_loggers.file.v3.FileAccessLog", { path: accessLog, ...format });
  return [{ name: "envoy.access_loggers.file", typed_config: file }];
}

const FORMAT: Message = {
  time: "%START_TIME%",
  method: "%REQ(:METHOD)%",
  authority: "%REQ(:AUTHORITY)%",
  path: "%REQ(:PATH)%",
  protocol: "%PROTOCOL%",
  request_id: "%REQ(X-REQUEST-ID)%",
  status: "%RESPONSE_CODE%",
  // Why Envoy answered itself: UH is "no healthy upstream", as under strict without a local endpoint.
  flags: "%RESPONSE_FLAGS%",
  duration_ms: "%DURATION%",
  attempts: "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
  upstream_cluster: "%UPSTREAM_CLUSTER%",
  upstream_host: "%UPSTREAM_HOST%",
  rule: RULE,
  mode: MODE,
  pin: PIN,
  served_by: SERVED_BY,
};
