import type { Fields } from "../../input/loose.ts";
import { NETWORKING, own, type Resource } from "./resource.ts";
import { MESH, type Scope } from "./scope.ts";
import { variants, type Weaving } from "./weave-route.ts";

const SIDECARS: Scope = { filtered: [MESH], others: false };

/** Routes for a retained service that has none: to the pinned cluster, or to wherever it is as without them. */
export function ownVirtualService(host: string, namespace: string, name: string, weaving: Weaving): Resource {
  const http = routesOfItsOwn(host, SIDECARS, weaving);
  return own(NETWORKING, "VirtualService", namespace, name, { hosts: [host], http });
}

/** The routes of such a service. */
export function routesOfItsOwn(host: string, scope: Scope, weaving: Weaving): Fields[] {
  const everywhere = { route: [{ destination: { host } }] };
  const rest: Fields =
    weaving.header === undefined ? {} : { headers: { request: { remove: [weaving.header] } } };
  return [...variants(everywhere, scope, weaving), { ...rest, ...everywhere }];
}
