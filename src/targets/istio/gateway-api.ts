import type { Problem } from "../../input/problem.ts";
import { serviceHost } from "../../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, problemOf, textOf } from "../../inventory/kubernetes/object.ts";
import type { Mesh } from "./mesh.ts";

/**
 * Routes of the Gateway API for retained services: Istio makes one VirtualService of each, beside which ours for the same
 * host would be ignored, and their filters know nothing of sourceLabels.
 */
export function gatewayApiProblems({ inventory, governed, policy }: Mesh): Problem[] {
  const retained = new Set(governed.filter((one) => one.strict).map(({ service }) => service.host));
  return inventory.routes.flatMap((route) =>
    itemsOf(route.spec.parentRefs).flatMap((ref, index) => {
      const { kind, namespace, name } = fieldsOf(ref);
      const host = serviceHost(
        textOf(namespace) ?? route.namespace,
        textOf(name) ?? "",
        policy.clusterDomain,
      );
      if (kind !== "Service" || !retained.has(host)) return [];
      const message = `not supported yet: ${route.kind} of the retained service ${host}; allowed: its routes as a VirtualService (or --routing native)`;
      return [problemOf(route, `spec.parentRefs[${index}]`, message)];
    }),
  );
}
