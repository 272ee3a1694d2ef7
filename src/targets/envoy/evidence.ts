import { CLUSTER_KEY, LB, MODE_STATE, PIN_STATE, RULE_STATE } from "./names.ts";
import { any, type Message } from "./types.ts";

/** What Envoy itself knows of a request that a rule is for, as its formatters say it. Empty where there is no rule. */
export const RULE = `%FILTER_STATE(${RULE_STATE}:PLAIN)%`;
export const MODE = `%FILTER_STATE(${MODE_STATE}:PLAIN)%`;
export const PIN = `%FILTER_STATE(${PIN_STATE}:PLAIN)%`;
export const SERVED_BY = `%UPSTREAM_METADATA(${LB}:${CLUSTER_KEY})%`;

/**
 * The access logger that counts responses (envoy.extensions.access_loggers.stats.v3):
 * `envoy_cluster_local_upstream{rule="default/reviews",mode="strict",pin="m1c1",served_by="m1c1",code="200"}` to Prometheus.
 * Those that no rule is for are counted without one: to tell them apart by a CEL filter would cost more than to count them.
 *
 * @param servedBy how the endpoints of the mesh say which cluster they are in
 */
export function statsLog(servedBy = SERVED_BY): Message {
  const formats = { rule: RULE, mode: MODE, pin: PIN, served_by: servedBy, code: "%RESPONSE_CODE%" };
  const tags = Object.entries(formats).map(([name, value_format]) => ({ name, value_format }));
  return {
    name: "cluster_local",
    typed_config: any("envoy.extensions.access_loggers.stats.v3.Config", {
      // 1.39 calls it deprecated, and 1.38 insists on it.
      stat_prefix: "cluster_local",
      counters: [{ stat: { name: "upstream", tags }, value_fixed: 1 }],
    }),
  };
}

/** The `response_headers_to_add` of a policy with `debug: true`; one that an upstream sends is replaced. */
export function debugHeader(servedBy = SERVED_BY): Message {
  const value = `${MODE}; rule=${RULE}; pin=${PIN}; served-by=${servedBy}`;
  return { header: { key: "x-cluster-local-decision", value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
}
