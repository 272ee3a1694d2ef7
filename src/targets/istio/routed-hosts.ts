import { HostIndex } from "../../inventory/kubernetes/host-index.ts";
import { resolveHost } from "../../inventory/kubernetes/hosts.ts";
import { MESH } from "./scope.ts";
import type { VirtualService } from "./virtual-service-shape.ts";

/** The hosts that some VirtualService of the sidecars which every namespace sees has routes for. */
export function routedHosts(services: readonly VirtualService[], domain: string): HostIndex<VirtualService> {
  const forAll = services.filter(({ spec }) => {
    if (spec.gateways?.length && !spec.gateways.includes(MESH)) return false;
    return !spec.exportTo?.length || spec.exportTo.includes("*");
  });
  return new HostIndex(
    forAll.flatMap((service) =>
      (service.spec.hosts ?? []).map(
        (host) => [resolveHost(host, service.object.namespace, domain), service] as const,
      ),
    ),
  );
}
