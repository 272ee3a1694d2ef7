import type { Problem } from "../../input/problem.ts";
import { covers, resolveHost } from "../../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../../input/loose.ts";
import { problemOf } from "../../inventory/kubernetes/object.ts";
import type { KubeService } from "../../inventory/kubernetes/services.ts";
import { delegated } from "./delegates.ts";
import { MESH } from "./scope.ts";
import type { VirtualService } from "./virtual-service-shape.ts";

/**
 * Callers that get none of a VirtualService's routes: istiod leaves such a VirtualService out for them, and routes to the
 * service itself instead (BuildHTTPRoutesForVirtualService), where no variant holds a retained request back.
 *
 * @param retained the services that requests are retained to
 */
export function uncovered(
  service: VirtualService,
  all: readonly VirtualService[],
  retained: Iterable<KubeService>,
  { clusters, clusterLabel, domain }: { clusters: readonly string[]; clusterLabel: string; domain: string },
): Problem[] {
  const { object, spec } = service;
  if (!spec.http?.length || (spec.gateways?.length && !spec.gateways.includes(MESH))) return [];
  const hosts = (spec.hosts ?? []).map((host) => resolveHost(host, object.namespace, domain));
  const matches = spec.http.flatMap((route) => matchesOf(route, object.namespace, all));
  for (const { host, ports } of retained) {
    if (!hosts.some((one) => covers(one, host))) continue;
    const numbers = ports.filter(({ kind }) => kind !== "not-http").map(({ number }) => number);
    // Without an inventory of services their ports are not known.
    for (const number of ports.length > 0 ? numbers : [undefined]) {
      const missed = clusters.filter(
        (cluster) => !matches.some((match) => isFor(match, number, cluster, clusterLabel)),
      );
      if (missed.length === 0) continue;
      const where = missed.length === clusters.length ? "" : ` in ${missed.join(", ")}`;
      const message = `has no route that every caller${where} gets for ${host}${number === undefined ? "" : `:${number}`}, and those that get none are routed past what retains requests; allowed: a last route without sourceLabels, sourceNamespace and gateways`;
      return [problemOf(object, "spec.http", message)];
    }
  }
  return [];
}

/** The matches of a route, or of those that it delegates to; a route without one matches everything. */
function matchesOf(route: Fields, namespace: string, all: readonly VirtualService[]): Fields[] {
  const { name, namespace: of } = fieldsOf(route.delegate);
  const to = all.find(({ object }) => object.name === name && object.namespace === (textOf(of) ?? namespace));
  const routes = textOf(name) === undefined ? [route] : delegated(route, to?.spec.http ?? []);
  return routes.flatMap(({ match }) => {
    const matches = itemsOf(match).map(fieldsOf);
    return matches.length > 0 ? matches : [{}];
  });
}

/** Whether the sidecars of a cluster all get a route for the match on a port. */
function isFor(match: Fields, port: number | undefined, cluster: string, clusterLabel: string): boolean {
  if (port !== undefined && match.port !== undefined && match.port !== port) return false;
  const gateways = textsOf(match.gateways);
  if (gateways.length > 0) return gateways.includes(MESH);
  if (textOf(match.sourceNamespace) !== undefined) return false;
  return Object.entries(fieldsOf(match.sourceLabels)).every(
    ([label, value]) => label === clusterLabel && value === cluster,
  );
}
