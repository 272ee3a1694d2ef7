import { CLUSTER_KEY, LB, PIN_STATE, RULE_STATE } from "./names.ts";
import { any, type Message } from "./types.ts";

/** What Envoy itself knows of a request that a rule is for, as its formatters say it. */
export const RULE = `%CEL(filter_state['${RULE_STATE}'].rule)%`;
export const MODE = `%CEL(filter_state['${RULE_STATE}'].mode)%`;
export const PIN = `%FILTER_STATE(${PIN_STATE}:PLAIN)%`;
export const SERVED_BY = `%UPSTREAM_METADATA(${LB}:${CLUSTER_KEY})%`;

/**
 * The access logger that counts the responses of requests that a rule is for (envoy.extensions.access_loggers.stats.v3):
 * `envoy_cluster_local_upstream{rule="default/reviews",mode="strict",pin="m1c1",served_by="m1c1",code="200"}` to Prometheus.
 */
export function statsLog(): Message {
  const tags = [tag("rule", RULE), tag("mode", MODE)];
  return {
    name: "cluster_local",
    filter: {
      extension_filter: {
        name: "envoy.access_loggers.extension_filters.cel",
        typed_config: any("envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter", {
          expression: `'${RULE_STATE}' in filter_state`,
        }),
      },
    },
    typed_config: any("envoy.extensions.access_loggers.stats.v3.Config", {
      // 1.39 calls it deprecated, and 1.38 insists on it.
      stat_prefix: "cluster_local",
      counters: [
        {
          stat: {
            name: "upstream",
            tags: [...tags, tag("pin", PIN), tag("served_by", SERVED_BY), tag("code", "%RESPONSE_CODE%")],
          },
          value_fixed: 1,
        },
      ],
      histograms: [
        {
          stat: { name: "upstream_ms", tags: [...tags, tag("served_by", SERVED_BY)] },
          unit: "Milliseconds",
          value_format: "%DURATION%",
        },
      ],
    }),
  };
}

function tag(name: string, format: string): Message {
  return { name, value_format: format };
}

/** The `response_headers_to_add` of a policy with `debug: true`; one that an upstream sends is replaced. */
export function debugHeader(): Message {
  const value = `${MODE}; rule=${RULE}; pin=${PIN}; served-by=${SERVED_BY}`;
  return { header: { key: "x-cluster-local-decision", value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
}
