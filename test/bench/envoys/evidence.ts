import { extension } from "./names.ts";

const STATE = "wasm.cluster_local";
const rule = { name: "rule", value_format: `%CEL(filter_state['${STATE}'].rule)%` };
const mode = { name: "mode", value_format: `%CEL(filter_state['${STATE}'].mode)%` };
const pin = { name: "pin", value_format: `%FILTER_STATE(${STATE}_pin:PLAIN)%` };
const servedBy = { name: "served_by", value_format: "%UPSTREAM_METADATA(envoy.lb:cluster)%" };
const code = { name: "code", value_format: "%RESPONSE_CODE%" };

/** The access log that counts each response of a request that a rule matched, as generated. */
export const statsLogger = {
  name: "envoy.access_loggers.stats",
  filter: {
    extension_filter: {
      name: "envoy.access_loggers.extension_filters.cel",
      typed_config: extension("access_loggers.filters.cel.v3.ExpressionFilter", {
        expression: `'${STATE}' in filter_state`,
      }),
    },
  },
  typed_config: extension("access_loggers.stats.v3.Config", {
    stat_prefix: "cluster_local",
    counters: [{ stat: { name: "upstream", tags: [rule, mode, pin, servedBy, code] }, value_fixed: 1 }],
    histograms: [
      {
        stat: { name: "upstream_ms", tags: [rule, mode, servedBy] },
        unit: "Milliseconds",
        value_format: "%DURATION%",
      },
    ],
  }),
};
