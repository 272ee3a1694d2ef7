import { ownOf } from "../input/loose.ts";
import { namedService } from "../live/service-name.ts";
import type { ProxyState, Route, Upstream } from "../live/state/model.ts";
import { Matcher } from "../policy/match.ts";
import { hostsOf } from "../policy/pattern.ts";
import type { PluginConfig } from "../policy/plugin-config.ts";
import type { Rule } from "../policy/rules.ts";
import { nameIn } from "./envoy-clusters.ts";
import { pinsOf } from "./pins.ts";

/** A port of a service that a rule with this mode may govern. */
export interface Governed {
  /** `default/reviews:9080`. */
  name: string;
  mode: Rule["mode"];
  rule: string;
  /** Its Envoy clusters: of all endpoints, of those in one cluster, of several in an order. */
  clusters: Upstream[];
  /** The routes that lead to it. */
  routes: Route[];
  /** What its requests may be pinned to. */
  pins: string[];
}

/** The services that rules of the configuration govern for this proxy's workload, by name. */
export function governedBy(config: PluginConfig, local: string | undefined, state: ProxyState): Governed[] {
  const matcher = new Matcher(config);
  const { namespace = "", workload = "" } = state.proxy;
  const routes = routesByName(state.routes, config);
  const byName = new Map<string, Governed>();
  for (const upstream of state.upstreams) {
    const name = nameIn(upstream);
    const known = byName.get(name);
    known?.clusters.push(upstream);
    if (known) continue;
    const host = hostNamed(config, upstream.name) ?? upstream.host;
    const candidates = matcher.candidates(host, { namespace, workload });
    const rules = candidates.map((one) => matcher.ruleOf(one));
    const strongest = MODES.map((mode) => rules.findIndex((rule) => rule.mode === mode)).find(
      (index) => index >= 0,
    );
    if (strongest === undefined) continue;
    const { mode } = rules[strongest]!;
    const isPinned = mode === "strict" || mode === "prefer";
    byName.set(name, {
      name,
      mode,
      rule: candidates[strongest]!.text,
      clusters: [upstream],
      routes: routes.get(name) ?? [],
      pins: isPinned && local !== undefined ? pinsOf(config, rules, local, namespace) : [],
    });
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The routes that lead to each service without a pin, from which the filter knows it. */
function routesByName(routes: readonly Route[], { names = {} }: PluginConfig): Map<string, Route[]> {
  const byName = new Map<string, Route[]>();
  for (const route of routes) {
    const services = [...route.clustersFor(undefined)].flatMap(
      (cluster) => namedService(cluster, names) ?? [],
    );
    for (const name of new Set(services.map(nameIn))) byName.set(name, [...(byName.get(name) ?? []), route]);
  }
  return byName;
}

/** The host that the configuration's `names` say an Envoy cluster stands for. */
function hostNamed({ names, clusterDomain }: PluginConfig, cluster: string): string | undefined {
  const text = ownOf(names ?? {}, cluster);
  if (text === undefined) return undefined;
  return hostsOf({ kind: text.includes("/") ? "services" : "hosts", text }, clusterDomain);
}

/** The most demanding first. */
const MODES = ["strict", "prefer", "observe", "off"] as const;
