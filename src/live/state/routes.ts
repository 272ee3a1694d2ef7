import { at, fieldsOf, itemsOf, textOf } from "../../input/loose.ts";
import { unpack } from "./any.ts";
import { matchedClusters, PIN_STATE } from "./matcher.ts";
import type { Route } from "./model.ts";

/** The routes of envoy.config.route.v3.RouteConfigurations that lead to Envoy clusters which they name. */
export function routesOf(configurations: readonly unknown[]): Route[] {
  return configurations.flatMap((configuration) => {
    const plugins = new Map(
      itemsOf(at(configuration, "cluster_specifier_plugins")).map((one) => [
        textOf(at(one, "extension", "name")) ?? "",
        at(one, "extension"),
      ]),
    );
    return itemsOf(at(configuration, "virtual_hosts")).flatMap((host) =>
      itemsOf(at(host, "routes")).flatMap((route) => {
        const action = at(route, "route");
        const name = `${textOf(at(host, "name")) ?? "?"}/${textOf(at(route, "name")) ?? ""}`;
        const one = routeOf(action, plugins);
        return one ? [{ name: name.replace(/\/$/, ""), ...one }] : [];
      }),
    );
  });
}

/** envoy.config.route.v3.RouteAction; undefined where the cluster is known to nobody before the request. */
function routeOf(action: unknown, plugins: ReadonlyMap<string, unknown>): Omit<Route, "name"> | undefined {
  const { cluster, weighted_clusters: weighted, cluster_specifier_plugin: named } = fieldsOf(action);
  const extension =
    at(action, "inline_cluster_specifier_plugin", "extension") ?? plugins.get(textOf(named) ?? "");
  if (extension !== undefined) {
    const { type, message } = unpack(at(extension, "typed_config"));
    if (!type.endsWith(".MatcherClusterSpecifier")) return undefined;
    const matcher = message.cluster_matcher;
    const readsPin = JSON.stringify(matcher ?? null).includes(`"${PIN_STATE}"`);
    return { readsPin, clustersFor: (pin) => matchedClusters(matcher, pin) };
  }
  const names = new Set(
    [cluster, ...itemsOf(at(weighted, "clusters")).map((one) => at(one, "name"))].flatMap(
      (name) => textOf(name) ?? [],
    ),
  );
  return names.size > 0 ? { readsPin: false, clustersFor: () => names } : undefined;
}
