import type { Retries } from "../../inventory/schema.ts";
import { seconds } from "./duration.ts";
import { clusterName } from "./names.ts";
import { specifier, type Target } from "./specifier.ts";
import type { Message } from "./types.ts";

/**
 * envoy.config.route.v3.RouteAction to a target, or to several by weight; retries are those of the first one's service.
 *
 * @param pinned whether the caller has the filter
 * @param seed see `specifier`
 */
export function routeAction(
  targets: readonly [Target, ...Target[]],
  clusterDomain: string,
  pinned: boolean,
  seed = 0,
): Message {
  const { retries } = targets[0].service;
  return {
    ...(pinned
      ? { inline_cluster_specifier_plugin: specifier(targets, clusterDomain, seed) }
      : plain(targets, clusterDomain)),
    // A sidecar sets no limits of its own: the default of 15 s would end streams that are meant to be long.
    timeout: "0s",
    ...(retries && { retry_policy: retryPolicy(retries) }),
  };
}

function plain(targets: readonly Target[], clusterDomain: string): Message {
  const named = targets.map(({ service, only, weight = 1 }) => ({
    name: clusterName(service, clusterDomain, only),
    weight,
  }));
  return named.length === 1 ? { cluster: named[0]!.name } : { weighted_clusters: { clusters: named } };
}

/** envoy.config.route.v3.RetryPolicy. The route, and so the Envoy cluster, is the same for each try. */
function retryPolicy({ attempts, retryOn, perTryTimeout }: Retries): Message {
  return {
    retry_on: (retryOn ?? ["connect-failure", "refused-stream", "unavailable"]).join(","),
    num_retries: attempts,
    ...(perTryTimeout !== undefined && { per_try_timeout: seconds(perTryTimeout) }),
  };
}
