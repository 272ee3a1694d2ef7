import type { Fields } from "../../inventory/kubernetes/object.ts";
import { NETWORKING, own, type Resource } from "./resource.ts";
import type { Scope } from "./scope.ts";
import { variants, type Weaving } from "./weave-route.ts";

const SIDECARS: Scope = { filtered: ["mesh"], others: false };

/** Routes for a retained service that has none: to the pinned cluster, or to wherever it is as without them. */
export function ownVirtualService(host: string, namespace: string, name: string, weaving: Weaving): Resource {
  const everywhere = { route: [{ destination: { host } }] };
  const rest: Fields =
    weaving.header === undefined ? {} : { headers: { request: { remove: [weaving.header] } } };
  return own(NETWORKING, "VirtualService", namespace, name, {
    hosts: [host],
    http: [...variants(everywhere, SIDECARS, weaving), { ...rest, ...everywhere }],
  });
}
