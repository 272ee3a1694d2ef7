import type { Flow, ProxySample } from "../../src/index.ts";

/** A flow of a proxy to a service's endpoints. */
export function flow(
  service: string,
  to: string | undefined,
  requests: number,
  more: Partial<Flow> = {},
): Flow {
  const none = { errors: 0, bytesSent: 0, bytesReceived: 0, endpoints: 1, healthy: 1 };
  return { service, port: 80, to, requests, ...none, ...more };
}

/** A look at a proxy, that of shop/page in cluster `a`. */
export function sample(at: number, flows: Flow[], answered: ProxySample["answered"] = []): ProxySample {
  return {
    at,
    address: "127.0.0.1:1",
    proxy: { cluster: "a", namespace: "shop", workload: "page", id: "x", version: "1.40.0" },
    flows,
    requests: { retained: 0, preferred: 0, observed: 0, bypassed: 0 },
    answered,
    leaked: 0,
  };
}
