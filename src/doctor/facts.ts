import type { Manager, Plugin, ProxyState } from "../live/state/model.ts";
import { compilePolicy } from "../policy/compile.ts";
import { parsePluginConfig, pluginConfigSchema, type PluginConfig } from "../policy/plugin-config.ts";
import type { Policy } from "../policy/policy.ts";
import { formatProblem, type Problem } from "../input/problem.ts";
import { EnvoyClusters } from "./envoy-clusters.ts";
import { governedBy, type Governed } from "./governed.ts";

/** What checks need to know of a proxy, worked out once. */
export interface Facts {
  state: ProxyState;
  /** The HTTP connection managers that requests of its own workload pass. */
  outbound: Manager[];
  /** The filter's configuration that Envoy was given last. */
  plugin: Plugin | undefined;
  /** What it says, or without a filter what the policy comes to; undefined where there is neither, or it is wrong. */
  config: PluginConfig | undefined;
  /** What is wrong with it. */
  problems: string[];
  /** Envoy refused it, and goes on with the one before, which nobody can see. */
  refused: boolean;
  /** The cluster that the filter takes for its own. */
  local: string | undefined;
  /** The services that rules of the configuration govern for this proxy's workload, as they are in this proxy. */
  governed: Governed[];
  clusters: EnvoyClusters;
  /** The proxy gets its configuration from Istio. */
  istio: boolean;
}

/** @param policy what should run, where that is known */
export function factsOf(state: ProxyState, policy?: Policy): Facts {
  const outbound = state.managers.filter(({ direction }) => direction !== "inbound");
  const plugin = usedPlugin(state.plugins, outbound);
  const parsed = plugin && parsePluginConfig(plugin.text, "configuration");
  const config = parsed?.ok ? parsed.value : plugin || !policy ? undefined : asIfRun(policy);
  const problems: readonly Problem[] = parsed?.ok === false ? parsed.problems : [];
  const local = config?.localCluster ?? state.proxy.cluster;
  return {
    state,
    outbound,
    plugin,
    config,
    problems: problems.map((problem) =>
      formatProblem(problem)
        .replace(/^configuration:(\d+:\d+: )?/, "")
        .trim(),
    ),
    refused: plugin !== undefined && isRefused(plugin, state),
    local,
    governed: config?.enabled === true ? governedBy(config, local, state) : [],
    clusters: new EnvoyClusters(state.upstreams, [...(config?.clusters ?? []), ...(local ? [local] : [])]),
    istio: /^(?:sidecar|router)~/.test(state.proxy.id),
  };
}

/** On Istio strict rules hold without the filter, too. */
function asIfRun(policy: Policy): PluginConfig {
  return pluginConfigSchema.parse(compilePolicy(policy));
}

/** The latest that a filter of these chains has. Envoy keeps those of filters that are gone until their listeners are. */
function usedPlugin(plugins: readonly Plugin[], managers: readonly Manager[]): Plugin | undefined {
  const names = new Set(
    managers.flatMap(({ filters }) => filters.filter(({ ours }) => ours).map(({ name }) => name)),
  );
  const used = plugins.filter(({ name }) => names.has(name));
  return used.sort((a, b) => ((a.updated ?? "") < (b.updated ?? "") ? 1 : -1))[0];
}

/**
 * Whether Envoy refused the update that it got last. Its dump shows what it was given, refused or not; `update_time` is
 * when it last accepted something, which comes after the dump's time for what it accepted.
 */
export function isRefused(
  { name, discovered, updated }: Plugin,
  { stats }: Pick<ProxyState, "stats">,
): boolean {
  if (!discovered) return false;
  const stat = (field: string) => stats.get(`extension_config_discovery.http_filter.${name}.${field}`) ?? 0;
  if (stat("update_rejected") === 0) return false;
  return stat("update_success") === 0 || (updated !== undefined && stat("update_time") < Date.parse(updated));
}
