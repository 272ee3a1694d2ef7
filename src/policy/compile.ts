import type { PluginConfigInput } from "./plugin-config.ts";
import type { Policy } from "./policy.ts";

/**
 * The plugin configuration that makes the filter obey the policy. It is the same for every caller: each finds its own
 * cluster in its proxy's node metadata.
 */
export function compilePolicy({
  version,
  enabled,
  clusterDomain,
  clusters,
  rules,
}: Policy): PluginConfigInput {
  return { version, enabled, clusterDomain, clusters, rules };
}
