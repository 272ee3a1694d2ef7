import type { Retries } from "../../inventory/schema.ts";
import type { Service } from "../../inventory/model.ts";
import { seconds } from "./duration.ts";
import { clusterName } from "./names.ts";
import type { Message } from "./types.ts";

/** envoy.config.route.v3.RouteAction to a service. */
export function routeAction(service: Service, clusterDomain: string): Message {
  return {
    cluster: clusterName(service, clusterDomain),
    // A sidecar sets no limits of its own: the default of 15 s would end streams that are meant to be long.
    timeout: "0s",
    ...(service.retries && { retry_policy: retryPolicy(service.retries) }),
  };
}

/** envoy.config.route.v3.RetryPolicy. Metadata, and so the pin, is the same for each try. */
function retryPolicy({ attempts, retryOn, perTryTimeout }: Retries): Message {
  return {
    retry_on: (retryOn ?? ["connect-failure", "refused-stream", "unavailable"]).join(","),
    num_retries: attempts,
    ...(perTryTimeout !== undefined && { per_try_timeout: seconds(perTryTimeout) }),
  };
}
