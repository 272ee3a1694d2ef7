import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { MESH } from "../istio/names.ts";
import { writtenIn } from "../istio/routes.ts";
import { isFor, takesAll as isCatchAll, translated, type IstioProxy } from "./istio-match.ts";
import { exportedTo, isVisible, type Resource } from "./istio-resources.ts";
import { takes, type RequestHeaders, type RouteMatch } from "./route-match.ts";
import type { Sureness } from "./sure.ts";

/** A route as a proxy has it: one for each of its matches. */
export interface ProxyRoute {
  /** Of what it does. */
  fields: Fields;
  match: RouteMatch;
  /** In RDS; undefined for a route without. */
  name: string | undefined;
  /** How sure it is that the proxy has it. */
  sure: Exclude<Sureness, "no">;
  /** `VirtualService default/reviews, http[0] (name)`. */
  title: string;
  /** Completes the short names of its destinations. */
  namespace: string;
}

/** The routes that sidecars have for a host by VirtualServices; undefined where they have Istio's own, to the service itself. */
export function sidecarRoutes(
  host: string,
  services: readonly Resource[],
  proxy: IstioProxy,
  domain: string,
): ProxyRoute[] | undefined {
  const caller = proxy.namespace ?? "";
  const candidates = services
    .filter((one) => isForSidecars(one.spec) && isVisible(one, caller))
    .map((resource) => ({ resource, host: mostSpecific(resource, host, domain) }))
    .filter((one) => one.host !== undefined)
    .sort((a, b) => reach(a.resource, caller) - reach(b.resource, caller));
  const exact = candidates.filter((one) => one.host === host);
  const longest = Math.max(0, ...candidates.map((one) => one.host!.length));
  const widest = candidates.filter((one) => one.host!.length === longest).slice(0, 1);
  // istiod leaves out a VirtualService of which nothing applies to the proxy: the next one is obeyed, or none.
  for (const { resource } of exact.length > 0 ? exact : widest) {
    const routes = routesOf(resource, services, proxy);
    if (routes.length > 0) return routes;
  }
  return undefined;
}

/** The host of a VirtualService that stands for a host most specifically. */
function mostSpecific({ spec, namespace }: Resource, host: string, domain: string): string | undefined {
  const found = textsOf(spec.hosts)
    .map((one) => resolveHost(one, namespace, domain))
    .filter((one) => covers(one, host));
  return found.includes(host) ? host : found.sort((a, b) => b.length - a.length)[0];
}

/** istiod looks first at what only the caller's namespace sees, then at what is shown to it, then at all else. */
function reach({ spec, namespace }: Resource, caller: string): number {
  const to = exportedTo(spec.exportTo, namespace);
  if (to.length === 0 || to.includes("*")) return 3;
  return namespace === caller ? 1 : 2;
}

function isForSidecars({ gateways }: Fields): boolean {
  const listed = textsOf(gateways);
  return listed.length === 0 || listed.includes(MESH);
}

/** The routes that a proxy gets of a VirtualService, in order; what comes after one for all requests is left out. */
export function routesOf(resource: Resource, services: readonly Resource[], proxy: IstioProxy): ProxyRoute[] {
  const byName = new Map(services.map((one) => [`${one.namespace}/${one.name}`, one as KubeObject]));
  const routes: ProxyRoute[] = [];
  for (const { fields, object, path } of writtenIn(resource as KubeObject, byName)) {
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
