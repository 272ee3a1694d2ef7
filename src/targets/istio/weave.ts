import { problemOf } from "../../inventory/kubernetes/object.ts";
import { delegateRefusals, refusals } from "./refusals.ts";
import type { Part } from "./mesh.ts";
import { woven } from "./resource.ts";
import { scopes } from "./scope.ts";
import type { VirtualService } from "./virtual-service-shape.ts";
import { isRetained, variants, type Weaving } from "./weave-route.ts";

/** So large may all annotations of an object be (Kubernetes: 256 KiB); the original is one of them. */
const MAX_ORIGINAL = 200 * 1024;

/**
 * Puts before each route that leads to a retained service its variants, one for each cluster; the route itself stays, for
 * requests that are not pinned. VirtualServices that need none are left out.
 */
export function weave(
  services: readonly VirtualService[],
  gatewaysToo: boolean,
  weavingIn: (namespace: string) => Weaving,
): Part {
  const result: Part = { made: [], problems: [], warnings: [] };
  for (const [service, scope] of scopes(services, gatewaysToo)) {
    if (scope.filtered.length === 0) continue;
    const weaving = weavingIn(service.object.namespace);
    const hosts = new Set<string>();
    const http = (service.spec.http ?? []).flatMap((route, index) => {
      const copies = [
        ...(route.mirror ? [route.mirror] : []),
        ...(route.mirrors ?? []).map((one) => one.destination),
      ];
      const before = variants(route, scope, weaving);
      if (before.length === 0) {
        if (copies.some((copy) => isRetained(copy, weaving))) {
          const message =
            "mirrors requests of another service to a retained one: the copies are not retained";
          result.warnings.push(problemOf(service.object, `spec.http[${index}]`, message));
        }
        return [route];
      }
      for (const { destination } of route.route ?? [])
        if (isRetained(destination, weaving)) hosts.add(weaving.resolve(destination.host));
      result.problems.push(...refusals(service, route, index, scope, weaving));
      result.problems.push(...delegateRefusals(service, route, index, services));
      return [...before, route];
    });
    if (hosts.size === 0) continue;
    const resource = woven(service.object, { ...service.object.spec, http });
    if (JSON.stringify(service.object.spec).length > MAX_ORIGINAL) {
      const message = `is larger than ${MAX_ORIGINAL / 1024} KiB, too large to be kept beside what is woven; allowed: less, as several VirtualServices or delegates`;
      result.problems.push(problemOf(service.object, "spec", message));
    }
    result.made.push({ resource, hosts: [...hosts] });
  }
  return result;
}
