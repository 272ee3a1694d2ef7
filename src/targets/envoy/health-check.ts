import type { HealthChecking, Service } from "../../inventory/model.ts";
import { seconds } from "./duration.ts";
import { authorityOf } from "./names.ts";
import type { Message } from "./types.ts";

/** envoy.config.core.v3.HealthCheck. */
export function healthCheck(service: Service, clusterDomain: string): Message {
  const { healthCheck: check, protocol } = service;
  const interval = seconds(check.interval);
  return {
    timeout: seconds(check.timeout),
    interval,
    // Its default is a minute: a cluster whose first check failed, and which thus has no traffic, would stay down so long.
    no_traffic_interval: interval,
    unhealthy_threshold: check.unhealthyThreshold,
    healthy_threshold: check.healthyThreshold,
    ...kind(check, authorityOf(service, clusterDomain), protocol !== "http"),
  };
}

/** @param authority by default the name of the Envoy cluster, whose `|` no host has: HTTP/2 servers refuse it */
function kind(check: HealthChecking, authority: string, http2: boolean): Message {
  if (check.kind === "tcp") return { tcp_health_check: {} };
  if (check.kind === "grpc") return { grpc_health_check: { authority } };
  return {
    http_health_check: { host: authority, path: check.path, ...(http2 && { codec_client_type: "HTTP2" }) },
  };
}
