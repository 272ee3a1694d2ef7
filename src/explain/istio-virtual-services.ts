import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { titleOf } from "../inventory/kubernetes/object.ts";
import { delegated } from "../istio/delegates.ts";
import { MESH, wholeGateway } from "../istio/names.ts";
import { isFor, takesAll as isCatchAll, translated, type IstioProxy } from "./istio-match.ts";
import { exportedTo, isVisible, type Resource } from "./istio-resources.ts";
import { takes, type RequestHeaders } from "./route-match.ts";
import type { Sureness } from "./sure.ts";

/** A route as a proxy has it: one for each of its matches. */
export interface ProxyRoute {
  /** Of what it does. */
  fields: Fields;
  match: Fields;
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
  const routes: ProxyRoute[] = [];
  for (const { fields, title, namespace } of withDelegates(resource, services)) {
    const matches = itemsOf(fields.match).map(fieldsOf);
    for (const match of matches.length > 0 ? matches : [{}]) {
      // Of a route without a match istiod asks for nothing, also not where it is for listed gateways.
      const sure = isFor(match, proxy);
      if (sure === "no") continue;
      const route = { fields, match, sure, title, namespace };
      routes.push(route);
      if (sure === "yes" && takesAll(route)) return routes;
    }
  }
  return routes;
}

interface Written {
  fields: Fields;
  title: string;
  namespace: string;
}

function withDelegates(resource: Resource, services: readonly Resource[]): Written[] {
  return written(resource).flatMap((root) => {
    const { name, namespace } = fieldsOf(root.fields.delegate);
    if (textOf(name) === undefined) return [root];
    const to = services.find(
      (one) => one.name === name && one.namespace === (textOf(namespace) ?? resource.namespace),
    );
    return (to ? written(to) : []).flatMap((one) =>
      delegated(root.fields, [one.fields]).map((fields) => ({ ...one, fields })),
    );
  });
}

/** The routes of a VirtualService as they are written, with gateways by their whole names. */
function written(resource: Resource): Written[] {
  return itemsOf(resource.spec.http)
    .map(fieldsOf)
    .map((http, index) => {
      const name = textOf(http.name);
      const match = itemsOf(http.match)
        .map(fieldsOf)
        .map((one) => {
          const gateways = textsOf(one.gateways).map((gateway) => wholeGateway(gateway, resource.namespace));
          return gateways.length > 0 ? { ...one, gateways } : one;
        });
      return {
        fields: { ...http, match },
        title: `${titleOf(resource)}, http[${index}]${name === undefined ? "" : ` (${name})`}`,
        namespace: resource.namespace,
      };
    });
}

/** Whether no request is left for the routes that come after. */
export function takesAll({ match }: ProxyRoute): boolean {
  return isCatchAll(translated(match));
}

/** The first route that takes a request, or may take it. */
export function routeOf(
  routes: readonly ProxyRoute[],
  headers: RequestHeaders,
): { route: ProxyRoute; takes: Exclude<Sureness, "no"> } | undefined {
  for (const route of routes) {
    const answer = takes(translated(route.match), headers);
    if (answer !== "no") return { route, takes: answer };
  }
  return undefined;
}
