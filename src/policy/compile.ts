import type { PluginConfigInput } from "./plugin-config.ts";
import type { Policy } from "./policy.ts";

/**
 * The plugin configuration that makes the filter obey the policy. It is the same for every caller: each finds its own
 * cluster, namespace and workload in its proxy's node metadata.
 */
export function compilePolicy(policy: Policy): PluginConfigInput {
  const { version, enabled, clusterDomain, clusters, override, names, rules } = policy;
  return {
    version,
    enabled,
    clusterDomain,
    clusters,
    ...(override && { override }),
    ...(names && { names }),
    rules,
  };
}
