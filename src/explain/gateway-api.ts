import { fieldsOf, itemsOf, numberOf, textOf, type Fields } from "../input/loose.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { writtenRules } from "../istio/gateway-api.ts";
import type { Written } from "../istio/routes.ts";
import { byAge } from "../istio/visibility.ts";
import { translated } from "./istio-match.ts";
import type { ProxyRoute } from "./proxy-route.ts";

/** A route of the Gateway API and the rank that its match has among others. */
interface Ranked {
  route: ProxyRoute;
  /** The greater ones come first. */
  rank: number[];
}

/**
 * What istiod makes of HTTPRoutes and GRPCRoutes for one host, one route for each match, the most specific first
 * (convertHTTPRoute, convertGRPCRoute and sortHTTPRoutes in pilot/pkg/config/kube/gateway/conversion.go).
 *
 * @param objects the oldest first
 */
export function gatewayApiRoutes(objects: readonly KubeObject[], domain: string): ProxyRoute[] {
  return objects
    .flatMap((object) => writtenRules(object, domain))
    .flatMap(routesOf)
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ route }) => route);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((one, index) => one !== b[index]);
  return at < 0 ? 0 : b[at]! - a[at]!;
}

function routesOf({ fields, object, path }: Written): Ranked[] {
  return itemsOf(fields.match)
    .map(fieldsOf)
    .map((match) => ({
      route: {
        ...{ fields, match: translated(match, true), sure: "yes", namespace: object.namespace },
        name: textOf(fields.name),
        title: `${titleOf(object)}, ${path.replace(/^spec\./, "")}`,
      },
      rank: rankOf(match),
    }));
}

/** Exact before prefix before regex, the longer first, then what asks for a method, for more headers, for more parameters. */
function rankOf({ uri, method, headers, queryParams }: Fields): number[] {
  const { exact, prefix, regex } = fieldsOf(uri) as Record<string, string | undefined>;
  const kind = exact !== undefined ? 3 : prefix !== undefined ? 2 : regex !== undefined ? 1 : -1;
  const size = (fields: unknown) => Object.keys(fieldsOf(fields)).length;
  const length = (exact ?? prefix ?? regex ?? "").length;
  return [kind, length, method === undefined ? 0 : 1, size(headers), size(queryParams)];
}

/** The VirtualService that istiod makes of the routes of a namespace for one service, or for one of its ports. */
export interface ApiService {
  namespace: string;
  name: string;
  /** Of the oldest. */
  fields: Fields;
  routes: ProxyRoute[];
  api: true;
}

/**
 * What istiod makes of the routes whose parent is a service, for callers of a namespace: those elsewhere are for their own
 * namespace's callers (HTTPRouteCollection and mergeHTTPRoutes in pilot/pkg/config/kube/gateway/route_collections.go).
 */
export function apiServices(
  objects: readonly KubeObject[],
  service: { namespace: string; name: string; host: string },
  port: number,
  caller: string | undefined,
  domain: string,
): ApiService[] {
  const groups = new Map<string, KubeObject[]>();
  for (const object of [...objects].sort(byAge)) {
    const { namespace } = object;
    if (namespace !== service.namespace && namespace !== caller) continue;
    for (const ref of itemsOf(object.spec.parentRefs).map(fieldsOf)) {
      const isParent =
        ref.kind === "Service" &&
        ref.name === service.name &&
        (textOf(ref.namespace) ?? namespace) === service.namespace;
      const asked = numberOf(ref.port);
      if (!isParent || (asked ?? port) !== port) continue;
      const name = [namespace, ...(asked === undefined ? [] : [asked]), service.host].join("~");
      groups.set(name, [...(groups.get(name) ?? []), object]);
    }
  }
  return [...groups].map(([name, of]) => {
    const [{ namespace, fields }] = of as [KubeObject];
    return { name, namespace, fields, api: true, routes: gatewayApiRoutes(of, domain) };
  });
}
