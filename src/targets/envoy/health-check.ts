import type { HealthChecking, Service } from "../../inventory/model.ts";
import { seconds } from "./duration.ts";
import type { Message } from "./types.ts";

/** envoy.config.core.v3.HealthCheck. */
export function healthCheck({ healthCheck: check, protocol }: Service): Message {
  const interval = seconds(check.interval);
  return {
    timeout: seconds(check.timeout),
    interval,
    // Its default is a minute: a cluster whose first check failed, and which thus has no traffic, would stay down so long.
    no_traffic_interval: interval,
    unhealthy_threshold: check.unhealthyThreshold,
    healthy_threshold: check.healthyThreshold,
    ...kind(check, protocol !== "http"),
  };
}

function kind(check: HealthChecking, http2: boolean): Message {
  if (check.kind === "tcp") return { tcp_health_check: {} };
  if (check.kind === "grpc") return { grpc_health_check: {} };
  return { http_health_check: { path: check.path, ...(http2 && { codec_client_type: "HTTP2" }) } };
}
