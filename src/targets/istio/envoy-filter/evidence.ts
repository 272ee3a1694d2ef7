import type { Fields } from "../../../input/loose.ts";
import type { Resource } from "../resource.ts";
import { patch, type Context } from "./patch.ts";
import { envoyFilter } from "./resource.ts";

const MANAGER = "envoy.filters.network.http_connection_manager";
const TYPE = "type.googleapis.com/envoy.extensions";

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
    typed_config: {
      "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      access_log: [STATS_LOG],
    },
  };
  const match = { listener: { filterChain: { filter: { name: MANAGER } } } };
  const patches = contexts.flatMap((context) => [
    patch("NETWORK_FILTER", { context, specifier: true }, match, "MERGE", value),
    ...(debug ? [patch("ROUTE_CONFIGURATION", { context }, {}, "MERGE", DEBUG_HEADER)] : []),
  ]);
  return envoyFilter(EVIDENCE, patches, rootNamespace);
}

const TAGS = [
  ["rule", "%FILTER_STATE(wasm.cluster_local_rule:PLAIN)%"],
  ["mode", "%FILTER_STATE(wasm.cluster_local_mode:PLAIN)%"],
  ["pin", "%FILTER_STATE(wasm.cluster_local_pin:PLAIN)%"],
  // Istio's endpoints say `reviews-v1;default;reviews;v1;m1c1`: readers take the fifth part, the cluster.
  ["served_by", "%UPSTREAM_METADATA(istio:workload)%"],
  ["code", "%RESPONSE_CODE%"],
] as const;

const [[, RULE], [, MODE], [, PIN], [, SERVED_BY]] = TAGS;

/** One that an upstream sends is replaced. */
const DEBUG_HEADER: Fields = {
  response_headers_to_add: [
    {
      header: {
        key: "x-cluster-local-decision",
        value: `${MODE}; rule=${RULE}; pin=${PIN}; served-by=${SERVED_BY}`,
      },
      append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
    },
  ],
};

const STATS_LOG: Fields = {
  name: "cluster_local",
  typed_config: {
    "@type": `${TYPE}.access_loggers.stats.v3.Config`,
    stat_prefix: "cluster_local",
    counters: [
      {
        stat: { name: "upstream", tags: TAGS.map(([name, value_format]) => ({ name, value_format })) },
        value_fixed: 1,
      },
    ],
  },
};
