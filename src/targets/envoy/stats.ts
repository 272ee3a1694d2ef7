import type { Message } from "./types.ts";

/**
 * envoy.config.metrics.v3.StatsConfig: takes the tags out of the names of the filter's counters, which have no labels of
 * their own (assembly/proxy/telemetry.ts). `wasmcustom.cluster_local.upstream.local.rule=.=default/reviews;.;mode=.=strict;.;`
 * is then to Prometheus `cluster_local_upstream{where="local",rule="default/reviews",mode="strict"}`: Envoy itself leaves
 * the prefix out, and its own.
 *
 * `upstream` is the whole name of an Envoy cluster, as in `reviews.default.svc.cluster.local_9080`: Envoy's own tag for it,
 * `envoy_cluster_name`, ends at the first dot and leaves the rest in the metric's name.
 *
 * A tag's regular expression has two groups: what is cut out of the name, and in it the value.
 */
export function statsConfig(): Message {
  return {
    stats_tags: [
      { tag_name: "upstream", regex: "^cluster\\.((.+?_\\d+)\\.)" },
      { tag_name: "where", regex: `${PREFIX}upstream(\\.(local|remote|none|unknown))\\.rule=` },
      { tag_name: "rule", regex: `${PREFIX}.*(\\.rule=\\.=(.*?);\\.;)mode=` },
      { tag_name: "mode", regex: `${PREFIX}.*(mode=\\.=([a-z]+);\\.;)$` },
    ],
  };
}

const PREFIX = "^wasmcustom\\.cluster_local\\.";
