import { covers, resolveHost } from "../../inventory/kubernetes/hosts.ts";
import { MESH } from "./scope.ts";
import type { VirtualService } from "./virtual-service-shape.ts";

/** Whether some VirtualService of the sidecars that every namespace sees has routes for the host. */
export function hasRoutes(host: string, services: readonly VirtualService[], domain: string): boolean {
  return services.some(({ object, spec }) => {
    if (spec.gateways?.length && !spec.gateways.includes(MESH)) return false;
    if (spec.exportTo?.length && !spec.exportTo.includes("*")) return false;
    return (spec.hosts ?? []).some((one) => covers(resolveHost(one, object.namespace, domain), host));
  });
}
