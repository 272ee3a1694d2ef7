import type { Fields } from "../../input/loose.ts";
import type { Scope } from "./scope.ts";
import type { Destination, Match, Route } from "./virtual-service-shape.ts";

/** How routes are woven. */
export interface Weaving {
  clusters: readonly string[];
  clusterLabel: string;
  /** The filter's header; undefined without the filter: then every request of the cluster's callers is meant. */
  header: string | undefined;
  /** Clusters that callers of every cluster may be pinned to, for an override may ask for them. */
  anywhere: ReadonlySet<string>;
  /**
   * The subset that takes the place of a destination's in a cluster; undefined for a host that no request is retained to.
   * `host` is as the route writes it.
   */
  subset: (host: string, subset: string | undefined, cluster: string) => string | undefined;
  /** The whole name of a host that a route names. */
  resolve: (host: string) => string;
  /** The whole name of a gateway that a route lists. */
  gateway: (name: string) => string;
}

/** The route's variants, one for each cluster: what the route does, inside of that cluster. None where nothing is retained. */
export function variants(route: Route, scope: Scope, weaving: Weaving): Fields[] {
  const retained = (route.route ?? []).some(({ destination }) => isRetained(destination, weaving));
  if (!retained) return [];
  return weaving.clusters.flatMap((cluster) => {
    const matches = (route.match?.length ? route.match : [{}]).flatMap((match) =>
      variantMatch(match, cluster, scope, weaving),
    );
    return matches.length === 0 ? [] : [variant(route, matches, cluster, weaving)];
  });
}

export function isRetained({ host, subset }: Destination, weaving: Weaving): boolean {
  return weaving.subset(host, subset, weaving.clusters[0] ?? "") !== undefined;
}

function variant(route: Route, match: Fields[], cluster: string, weaving: Weaving): Fields {
  const { name, headers, mirror, mirrors } = route;
  const inside = (destination: Destination) => {
    const subset = weaving.subset(destination.host, destination.subset, cluster);
    return subset === undefined ? destination : { ...destination, subset };
  };
  return {
    ...route,
    ...(name !== undefined && { name: `${name}-${cluster}` }),
    match,
    ...(weaving.header !== undefined && { headers: without(weaving.header, headers) }),
    route: (route.route ?? []).map((one) => ({ ...one, destination: inside(one.destination) })),
    ...(mirror && { mirror: inside(mirror) }),
    ...(mirrors && { mirrors: mirrors.map((one) => ({ ...one, destination: inside(one.destination) })) }),
  };
}

/**
 * The match for requests that the filter pinned to the cluster. `sourceLabels` keep the variant out of the proxies of
 * other clusters; Istio does not look at them where `gateways` are listed (sourceMatchHTTP), and these must be where the
 * VirtualService is also for gateways without the filter, to which the header could come from anybody.
 */
function variantMatch(match: Match, cluster: string, scope: Scope, weaving: Weaving): Fields[] {
  const headers = weaving.header === undefined ? {} : { [weaving.header]: { exact: cluster } };
  const pinned = Object.keys({ ...match.headers, ...headers }).length > 0 && {
    headers: { ...match.headers, ...headers },
  };
  const listed = match.gateways ?? [];
  if (listed.length > 0 || scope.others) {
    const gateways =
      listed.length > 0
        ? listed.filter((one) => scope.filtered.includes(weaving.gateway(one)))
        : scope.filtered;
    return gateways.length === 0 ? [] : [{ ...match, ...pinned, gateways: [...gateways] }];
  }
  if (weaving.anywhere.has(cluster)) return [{ ...match, ...pinned }];
  const own = match.sourceLabels?.[weaving.clusterLabel];
  if (own !== undefined && own !== cluster) return [];
  const sourceLabels = { ...match.sourceLabels, [weaving.clusterLabel]: cluster };
  return [{ ...match, ...pinned, sourceLabels }];
}

/** A route's header operations that also take the filter's header off. */
function without(header: string, headers: Route["headers"]): Fields {
  const request = headers?.request;
  const remove = [...(request?.remove ?? []), header];
  return { ...headers, request: { ...request, remove } };
}
