import type { VirtualService } from "./virtual-service-shape.ts";

/** Istio's word for the sidecars of the mesh, where gateways are listed. */
export const MESH = "mesh";

/** Which proxies obey a VirtualService, and which of them have the filter. */
export interface Scope {
  /** The gateways whose proxies have the filter, by their whole names, in the order of the list. */
  filtered: readonly string[];
  /** There are others, too. */
  others: boolean;
}

/**
 * The scope of each VirtualService that proxies with the filter obey. A delegate, which has no hosts, is obeyed by those
 * that obey a VirtualService which delegates to it.
 */
export function scopes(
  services: readonly VirtualService[],
  hasFilter: (gateway: string) => boolean,
): Map<VirtualService, Scope> {
  const scopes = new Map<VirtualService, Scope>();
  const named = new Map(services.map((one) => [`${one.object.namespace}/${one.object.name}`, one]));
  for (const service of services) {
    if (!service.spec.hosts?.length) continue;
    const scope = scopeOf(service, hasFilter);
    add(scopes, service, scope);
    for (const { delegate } of service.spec.http ?? []) {
      const to = delegate && named.get(`${delegate.namespace ?? service.object.namespace}/${delegate.name}`);
      if (to) add(scopes, to, scope);
    }
  }
  return scopes;
}

function add(scopes: Map<VirtualService, Scope>, service: VirtualService, scope: Scope): void {
  const known = scopes.get(service);
  const filtered = new Set([...(known?.filtered ?? []), ...scope.filtered]);
  const others = scope.others || known?.others === true;
  scopes.set(service, { filtered: [...filtered], others });
}

function scopeOf({ object, spec }: VirtualService, hasFilter: (gateway: string) => boolean): Scope {
  const listed = spec.gateways ?? [];
  const all = listed.length === 0 ? [MESH] : listed.map((name) => wholeGateway(name, object.namespace));
  const filtered = all.filter((gateway) => gateway === MESH || hasFilter(gateway));
  return { filtered, others: filtered.length < all.length };
}

/** The whole name of a gateway that a resource of the namespace lists. */
export function wholeGateway(name: string, namespace: string): string {
  return name === MESH || name.includes("/") ? name : `${namespace}/${name}`;
}
