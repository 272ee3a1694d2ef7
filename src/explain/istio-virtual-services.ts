import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { MESH } from "../istio/names.ts";
import { writtenIn } from "../istio/routes.ts";
import type { Imports } from "../istio/sidecars.ts";
import { byAge, exportedTo, isVisible } from "../istio/visibility.ts";
import type { ApiService } from "./gateway-api.ts";
import { isFor, takesAll as isCatchAll, translated, type IstioProxy } from "./istio-match.ts";
import type { ProxyRoute } from "./proxy-route.ts";
import { takes, type RequestHeaders } from "./route-match.ts";
import type { Sureness } from "./sure.ts";

/** The routes that sidecars have for a host; undefined where they have Istio's own, to the service itself. */
export function sidecarRoutes(
  host: string,
  services: readonly KubeObject[],
  api: readonly ApiService[],
  imports: Imports,
  proxy: IstioProxy,
  domain: string,
): ProxyRoute[] | undefined {
  const caller = proxy.namespace ?? "";
  const written = services
    .filter((one) => isForSidecars(one.spec) && isVisible(one, caller))
    .map((object) => {
      const hosts = textsOf(object.spec.hosts).map((one) => resolveHost(one, object.namespace, domain));
      const { name, namespace, fields } = object;
      return {
        hosts,
        name,
        namespace,
        fields,
        to: exportedTo(object),
        routes: () => routesOf(object, services, proxy),
      };
    });
  const candidates = [
    ...written,
    ...api.map((one) => ({ ...one, hosts: [host], to: undefined, routes: () => one.routes })),
  ]
    .filter(({ hosts, namespace }) => imports.route(hosts, namespace))
    .map((one) => ({ ...one, host: mostSpecific(one.hosts, host), reach: reach(one, caller) }))
    .filter((one) => one.host !== undefined)
    .sort((a, b) => a.reach - b.reach || byAge(a, b));
  const exact = candidates.filter((one) => one.host === host);
  const longest = Math.max(0, ...candidates.map((one) => one.host!.length));
  const widest = candidates.filter((one) => one.host!.length === longest).slice(0, 1);
  // istiod leaves out a VirtualService of which nothing applies to the proxy: the next one is obeyed, or none.
  for (const one of exact.length > 0 ? exact : widest) {
    const routes = one.routes();
    if (routes.length > 0) return routes;
  }
  return undefined;
}

/** Of a VirtualService's hosts that which stands for a host most specifically. */
function mostSpecific(hosts: readonly string[], host: string): string | undefined {
  const found = hosts.filter((one) => covers(one, host));
  return found.includes(host) ? host : found.sort((a, b) => b.length - a.length)[0];
}

/**
 * istiod looks first at what only the caller's namespace sees, then at what is shown to it, then at routes of the Gateway API in
 * it, then at all else (SelectVirtualServices in pilot/pkg/model/virtualservice.go).
 */
function reach(
  { to, namespace, api = false }: { to: readonly string[] | undefined; namespace: string; api?: boolean },
  caller: string,
): number {
  if (to !== undefined) return namespace === caller ? 1 : 2;
  return api && namespace === caller ? 3 : 4;
}

function isForSidecars({ gateways }: Fields): boolean {
  const listed = textsOf(gateways);
  return listed.length === 0 || listed.includes(MESH);
}

/** The routes that a proxy gets of a VirtualService, in order; what comes after one for all requests is left out. */
export function routesOf(
  service: KubeObject,
  services: readonly KubeObject[],
  proxy: IstioProxy,
): ProxyRoute[] {
  const byName = new Map(services.map((one) => [`${one.namespace}/${one.name}`, one]));
  const routes: ProxyRoute[] = [];
  for (const { fields, object, path } of writtenIn(service, byName)) {
    const matches = itemsOf(fields.match).map(fieldsOf);
    for (const match of matches.length > 0 ? matches : [{}]) {
      // Of a route without a match istiod asks for nothing, also not where it is for listed gateways.
      const sure = isFor(match, proxy);
      if (sure === "no") continue;
      const [own, of] = [textOf(fields.name), textOf(match.name)];
      const route = {
        ...{ fields, match: translated(match), sure, namespace: object.namespace },
        name: of === undefined ? own : `${own ?? ""}.${of}`,
        title: `${titleOf(object)}, ${path.replace(/^spec\./, "")}${own === undefined ? "" : ` (${own})`}`,
      };
      routes.push(route);
      if (sure === "yes" && takesAll(route)) return routes;
    }
  }
  return routes;
}

/** Whether no request is left for the routes that come after. */
export function takesAll({ match }: ProxyRoute): boolean {
  return isCatchAll(match);
}

/** The first route that takes a request, or may take it. */
export function routeOf(
  routes: readonly ProxyRoute[],
  headers: RequestHeaders,
): { route: ProxyRoute; takes: Exclude<Sureness, "no"> } | undefined {
  for (const route of routes) {
    const answer = takes(route.match, headers);
    if (answer !== "no") return { route, takes: answer };
  }
  return undefined;
}
