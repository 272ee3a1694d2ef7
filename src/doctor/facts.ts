import type { Manager, Plugin, ProxyState, Upstream } from "../live/state/model.ts";
import { Matcher } from "../policy/match.ts";
import { hostsOf } from "../policy/pattern.ts";
import { ownOf } from "../input/loose.ts";
import { parsePluginConfig, type PluginConfig } from "../policy/plugin-config.ts";
import { formatProblem, type Problem } from "../input/problem.ts";
import type { Rule } from "../policy/rules.ts";

/** What checks need to know of a proxy, worked out once. */
export interface Facts {
  state: ProxyState;
  /** The HTTP connection managers that requests of its own workload pass. */
  outbound: Manager[];
  /** The filter's configuration that Envoy was given last. */
  plugin: Plugin | undefined;
  /** What it says; undefined where there is none, or it is wrong. */
  config: PluginConfig | undefined;
  /** What is wrong with it. */
  problems: string[];
  /** Envoy refused it, and goes on with the one before, which nobody can see. */
  refused: boolean;
  /** The cluster that the filter takes for its own. */
  local: string | undefined;
  /** The services that rules of the configuration govern for this proxy's workload, as they are in this proxy. */
  governed: Governed[];
}

/** A port of a service that a rule with this mode may govern. */
export interface Governed {
  /** `default/reviews:9080`. */
  name: string;
  mode: Rule["mode"];
  rule: string;
  host: string;
  port: number | undefined;
  /** Its Envoy cluster without a subset. */
  whole: Upstream | undefined;
  /** On Istio: the clusters of its subsets. */
  subsets: Upstream[];
}

export function factsOf(state: ProxyState): Facts {
  const outbound = state.managers.filter(({ direction }) => direction !== "inbound");
  const plugin = usedPlugin(state.plugins, outbound);
  const parsed = plugin && parsePluginConfig(plugin.text, "configuration");
  const config = parsed?.ok ? parsed.value : undefined;
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
    governed: config?.enabled === true ? governedBy(config, state) : [],
  };
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

function governedBy(config: PluginConfig, { upstreams, proxy }: ProxyState): Governed[] {
  const matcher = new Matcher(config);
  const caller = { namespace: proxy.namespace ?? "", workload: proxy.workload ?? "" };
  const byPort = new Map<string, Governed>();
  for (const upstream of upstreams) {
    const { service, host, port, subset } = upstream;
    const name = port === undefined ? service : `${service}:${port}`;
    let governed = byPort.get(name);
    if (!governed) {
      const candidates = matcher.candidates(hostNamed(config, upstream.name) ?? host, caller);
      const strongest = MODES.flatMap((mode) =>
        candidates.filter((one) => matcher.ruleOf(one).mode === mode),
      )[0];
      if (!strongest) continue;
      const { mode } = matcher.ruleOf(strongest);
      governed = { name, mode, rule: strongest.text, host, port, whole: undefined, subsets: [] };
      byPort.set(name, governed);
    }
    if (subset === undefined) governed.whole = upstream;
    else governed.subsets.push(upstream);
  }
  return [...byPort.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The host that the configuration's `names` say an Envoy cluster stands for. */
function hostNamed({ names, clusterDomain }: PluginConfig, cluster: string): string | undefined {
  const text = ownOf(names ?? {}, cluster);
  if (text === undefined) return undefined;
  return hostsOf({ kind: text.includes("/") ? "services" : "hosts", text }, clusterDomain);
}

/** The most demanding first. */
const MODES = ["strict", "prefer", "observe", "off"] as const;
