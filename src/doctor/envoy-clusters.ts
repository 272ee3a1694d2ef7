import { at, itemsOf, textOf } from "../input/loose.ts";
import { clusterOfSubset, serviceName } from "../live/service-name.ts";
import type { Route, Upstream } from "../live/state/model.ts";

/** `default/reviews:9080`. */
export function nameIn({ service, port }: Pick<Upstream, "service" | "port">): string {
  return port === undefined ? service : `${service}:${port}`;
}

/** A proxy's Envoy clusters: which of the mesh's clusters each leads to. */
export class EnvoyClusters {
  readonly #byName: ReadonlyMap<string, Upstream>;
  readonly #ids: ReadonlySet<string>;

  /** @param ids of the mesh's clusters, beside those that endpoints say */
  constructor(upstreams: readonly Upstream[], ids: readonly string[]) {
    this.#byName = new Map(upstreams.map((upstream) => [upstream.name, upstream]));
    this.#ids = new Set([
      ...ids,
      ...upstreams.flatMap(({ endpoints }) => endpoints.flatMap(({ to }) => to ?? [])),
    ]);
  }

  get(cluster: string): Upstream | undefined {
    return this.#byName.get(cluster);
  }

  /** Where a route sends requests with a pin, or without one, to a service: of weights over several, each is looked at alone. */
  targetsOf(route: Route, pin: string | undefined, service: string): string[] {
    return [...route.clustersFor(pin)].filter((cluster) => {
      const upstream = this.#byName.get(cluster);
      return !upstream || nameIn(upstream) === service;
    });
  }

  /** The Envoy clusters of an aggregate one in their order (envoy.extensions.clusters.aggregate.v3.ClusterConfig), or itself. */
  membersOf(cluster: string): readonly string[] {
    const members = itemsOf(
      at(this.#byName.get(cluster)?.config, "cluster_type", "typed_config", "clusters"),
    );
    return members.length > 0 ? members.map((member) => textOf(member) ?? "") : [cluster];
  }

  /**
   * The one cluster of the mesh that an Envoy cluster is kept to; undefined for one of all endpoints, even where these are
   * in one cluster by chance. On Istio one may have the endpoints of another (`eds_cluster_config.service_name`).
   */
  homeOf(cluster: string): string | undefined {
    const upstream = this.#byName.get(cluster);
    if (!upstream) return undefined;
    const source = textOf(at(upstream.config, "eds_cluster_config", "service_name"));
    const subset = (source === undefined ? undefined : serviceName(source)?.subset) ?? upstream.subset;
    if (subset === undefined) return undefined;
    const seen = new Set(upstream.endpoints.map(({ to }) => to));
    if (seen.size === 0) return clusterOfSubset(subset, this.#ids);
    return seen.size === 1 ? [...seen][0] : undefined;
  }

  /** The clusters of the mesh that Envoy clusters are kept to; undefined where one of them is kept to none. */
  homesOf(clusters: readonly string[]): ReadonlySet<string> | undefined {
    const homes = clusters.flatMap((cluster) => this.homeOf(cluster) ?? []);
    return homes.length > 0 && homes.length === clusters.length ? new Set(homes) : undefined;
  }
}
