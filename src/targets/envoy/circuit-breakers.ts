import type { Service } from "../../inventory/model.ts";
import type { Message } from "./types.ts";

/** So many retries at a time where `retries` ask for some; Envoy's own default, 3, would quietly take them away. */
const RETRIES = 1024;

/** The `circuit_breakers` of a service's Envoy clusters (envoy.config.cluster.v3.CircuitBreakers); absent: Envoy's defaults. */
export function circuitBreakers({ circuitBreakers: given = {}, retries }: Service): Message {
  const { maxConnections, maxPendingRequests, maxRequests, maxRetries = retries && RETRIES } = given;
  const threshold = {
    ...(maxConnections !== undefined && { max_connections: maxConnections }),
    ...(maxPendingRequests !== undefined && { max_pending_requests: maxPendingRequests }),
    ...(maxRequests !== undefined && { max_requests: maxRequests }),
    ...(maxRetries !== undefined && { max_retries: maxRetries }),
  };
  return Object.keys(threshold).length > 0 ? { circuit_breakers: { thresholds: [threshold] } } : {};
}
