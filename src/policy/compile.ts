import type { PluginConfigInput } from "./plugin-config.ts";
import type { Policy } from "./policy.ts";

/**
 * The plugin configuration that makes the filter obey the policy. It is the same for every caller (each finds its own
 * cluster, namespace and workload in its proxy's node metadata), but for what is known to be absent there.
 *
 * @param absent see the plugin configuration's `absent`
 */
export function compilePolicy(policy: Policy, absent?: PluginConfigInput["absent"]): PluginConfigInput {
  const { version, enabled, clusterDomain, clusters, override, names, rules } = policy;
  return {
    version,
    enabled,
    clusterDomain,
    clusters,
    ...(override && { override }),
    ...(names && { names }),
    ...(absent && { absent }),
    rules,
  };
}
