import { debugHeader, statsLog } from "../../envoy/evidence.ts";
import { any } from "../../envoy/types.ts";
import type { Resource } from "../resource.ts";
import { patch, type Context } from "./patch.ts";
import { envoyFilter } from "./resource.ts";

const MANAGER = "envoy.filters.network.http_connection_manager";
/** Istio's endpoints say `reviews-v1;default;reviews;v1;m1c1`: readers take the fifth part, the cluster. */
const SERVED_BY = "%UPSTREAM_METADATA(istio:workload)%";

/** No cluster's EnvoyFilter has a dot there. */
export const EVIDENCE = "cluster-local.evidence";

/**
 * Lets Envoy count the responses of requests by what the filter decided (`cluster_local.upstream`, with labels in
 * /stats/prometheus). istio-proxy has the stats access logger since 1.30.
 *
 * @param debug says it in a response header, too
 */
export function evidence(rootNamespace: string, contexts: readonly Context[], debug: boolean): Resource {
  const value = {
    name: MANAGER,
    typed_config: any("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
      access_log: [statsLog(SERVED_BY)],
    }),
  };
  const match = { listener: { filterChain: { filter: { name: MANAGER } } } };
  const patches = contexts.flatMap((context) => [
    patch("NETWORK_FILTER", { context, specifier: true }, match, "MERGE", value),
    ...(debug
      ? [
          patch("ROUTE_CONFIGURATION", { context }, {}, "MERGE", {
            response_headers_to_add: [debugHeader(SERVED_BY)],
          }),
        ]
      : []),
  ]);
  return envoyFilter(EVIDENCE, patches, rootNamespace);
}
