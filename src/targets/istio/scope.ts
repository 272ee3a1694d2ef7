import type { VirtualService } from "./virtual-service-shape.ts";

/** Istio's word for the sidecars of the mesh, where gateways are listed. */
export const MESH = "mesh";

/** Which proxies obey a VirtualService, and which of them have the filter. */
export interface Scope {
  /** The entries of `gateways` whose proxies have the filter, in the order of the list. */
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
  gatewaysToo: boolean,
): Map<VirtualService, Scope> {
  const scopes = new Map<VirtualService, Scope>();
  const named = new Map(services.map((one) => [`${one.object.namespace}/${one.object.name}`, one]));
  for (const service of services) {
    if (!service.spec.hosts?.length) continue;
    const scope = scopeOf(service.spec.gateways, gatewaysToo);
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

function scopeOf(gateways: readonly string[] = [], gatewaysToo: boolean): Scope {
  const all = gateways.length === 0 ? [MESH] : gateways;
  const filtered = all.filter((gateway) => gatewaysToo || gateway === MESH);
  return { filtered, others: filtered.length < all.length };
}
