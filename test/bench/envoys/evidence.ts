import { extension } from "./names.ts";

const tags = {
  rule: "%FILTER_STATE(wasm.cluster_local_rule:PLAIN)%",
  mode: "%FILTER_STATE(wasm.cluster_local_mode:PLAIN)%",
  pin: "%FILTER_STATE(wasm.cluster_local_pin:PLAIN)%",
  served_by: "%UPSTREAM_METADATA(envoy.lb:cluster)%",
  code: "%RESPONSE_CODE%",
};

/** The access log that counts each response, as generated. */
export const statsLogger = {
  name: "envoy.access_loggers.stats",
  typed_config: extension("access_loggers.stats.v3.Config", {
    stat_prefix: "cluster_local",
    counters: [
      {
        stat: {
          name: "upstream",
          tags: Object.entries(tags).map(([name, value_format]) => ({ name, value_format })),
        },
        value_fixed: 1,
      },
    ],
  }),
};
