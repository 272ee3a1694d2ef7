import { destinationRules } from "./destination-rule/rule.ts";
import { aggregatePatches, removePatches } from "./envoy-filter/clusters.ts";
import { evidence } from "./envoy-filter/evidence.ts";
import { endpointPatches } from "./envoy-filter/endpoints.ts";
import { envoyFilters } from "./envoy-filter/resource.ts";
import { RoutePatches } from "./envoy-filter/routes.ts";
import type { Mesh } from "./mesh.ts";
import type { Plan } from "./plan.ts";
import type { Plans } from "./plans.ts";
import { pluginConfig } from "./plugin/config.ts";
import { placements } from "./plugin/placement.ts";
import { plugins } from "./plugin/resource.ts";
import type { Resource } from "./resource.ts";

/** The DestinationRules that give services their subsets. */
export function subsetResources({ services }: Plans, { policy, names, rules, inventory }: Mesh): Resource[] {
  return [...services.values()].flatMap(({ service }) =>
    destinationRules(service, policy.clusters, names, rules, inventory.namespaces),
  );
}

/** The EnvoyFilters of each cluster's proxies: subsets that nobody needs go, orders come, then endpoints and routes. */
export function patchResources(plans: Plans, mesh: Mesh): Resource[] {
  const { policy, options } = mesh;
  if (plans.services.size === 0) return [];
  const subsets = subsetNames(plans.services.values(), mesh);
  const held = [...plans.services.values()].filter(({ endpoints }) => endpoints);
  return policy.clusters.flatMap((cluster) => {
    const sidecars = routePatches(cluster, "SIDECAR_OUTBOUND", plans, mesh);
    const gateways = routePatches(cluster, "GATEWAY", plans, mesh);
    const patches = [
      ...removePatches(cluster, subsets, sidecars.used).map((patch) => [patch]),
      ...aggregatePatches({ context: "SIDECAR_OUTBOUND", cluster }, sidecars.aggregates).map((patch) => [
        patch,
      ]),
      ...aggregatePatches({ context: "GATEWAY", cluster }, gateways.aggregates).map((patch) => [patch]),
      ...held.map((plan) => endpointPatches(plan, cluster, mesh.names, mesh.rules, sidecars.usedClusters)),
      ...sidecars.patches,
      ...gateways.patches,
    ];
    return envoyFilters(cluster, patches, options.rootNamespace);
  });
}

function routePatches(
  cluster: string,
  context: "SIDECAR_OUTBOUND" | "GATEWAY",
  { services, sidecars, gateways }: Plans,
  { policy, matcher, names, rules }: Mesh,
): RoutePatches {
  const atGateways = context === "GATEWAY";
  const plans = new Map(
    [...services].filter(([, plan]) => (atGateways ? plan.atGateways : plan.routes && plan.pinned)),
  );
  const patches = new RoutePatches(cluster, context, plans, policy, matcher, names, (host) =>
    rules.subsets(host),
  );
  for (const told of atGateways ? gateways : sidecars)
    if (told.legs.some(({ host }) => plans.has(host))) patches.add(told);
  return patches;
}

function subsetNames(plans: Iterable<Plan>, { policy, names, rules }: Mesh): Set<string> {
  const all = new Set<string>();
  for (const { service } of plans)
    for (const version of ["", ...rules.subsets(service.host)])
      for (const cluster of policy.clusters) all.add(names.name(cluster, version));
  return all;
}

/** What brings the filter to the callers: there where an image is given. */
export function pluginResources(
  { leftOut }: Pick<Plans, "leftOut">,
  { policy, inventory, options }: Mesh,
): Resource[] {
  const nothing = policy.rules.length === 0 && policy.override === undefined;
  if (nothing || options.image === undefined || options.routing === "mesh-config") return [];
  const config = pluginConfig(policy, inventory, leftOut, options.rootNamespace);
  const places = placements(policy, inventory, options.rootNamespace);
  return plugins(config, places, { ...options, image: options.image });
}

/** What counts by the filter's decisions. */
export function evidenceResources(mesh: Mesh): Resource[] {
  if (pluginResources({ leftOut: [] }, mesh).length === 0) return [];
  const gateways = mesh.governed.some(({ atGateways }) => atGateways);
  return [
    evidence(
      mesh.options.rootNamespace,
      ["SIDECAR_OUTBOUND", ...(gateways ? (["GATEWAY"] as const) : [])],
      mesh.policy.debug === true,
    ),
  ];
}
