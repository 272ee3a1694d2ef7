import type { Message } from "./types.ts";

/**
 * envoy.config.metrics.v3.StatsConfig: `upstream` is the whole name of an Envoy cluster, as in
 * `outbound|9080||reviews.default.svc.cluster.local`. Envoy's own tag for it, `envoy_cluster_name`, ends at the first dot and
 * leaves the rest in the metric's name.
 *
 * A tag's regular expression has two groups: what is cut out of the name, and in it the value.
 */
export function statsConfig(clusterDomain: string): Message {
  const host = `[^|]+\\.svc\\.${clusterDomain.replaceAll(".", "\\.")}`;
  const regex = `^cluster\\.((outbound\\|\\d+\\|[^|]*\\|${host})\\.)`;
  return { stats_tags: [{ tag_name: "upstream", regex }] };
}
