import { LAST_APPLIED } from "../../inventory/kubernetes/marks.ts";
import { problemOf } from "../../inventory/kubernetes/object.ts";
import type { Fields } from "../../input/loose.ts";
import { elsewhere } from "./elsewhere.ts";
import { delegateRefusals, LISTED_GATEWAYS, refusals } from "./refusals.ts";
import type { Part } from "./mesh.ts";
import { routesOfItsOwn } from "./own-virtual-service.ts";
import { woven, type Resource } from "./resource.ts";
import { scopes, type Scope } from "./scope.ts";
import type { Route, VirtualService } from "./virtual-service-shape.ts";
import { isRetained, variants, type Weaving } from "./weave-route.ts";

/**
 * So large may all annotations of an object be (TotalAnnotationSizeLimitB in Kubernetes): the original is one of them, and
 * kubectl apply adds one with the whole object.
 */
const MAX_ANNOTATIONS = 256 * 1024;

/**
 * Puts before each route that leads to a retained service its variants, one for each cluster; the route itself stays, for
 * requests that are not pinned. VirtualServices that need none are left out.
 */
export function weave(
  services: readonly VirtualService[],
  hasFilter: (gateway: string) => boolean,
  weavingIn: (namespace: string) => Weaving,
): Part {
  const result: Part = { made: [], problems: [], warnings: [] };
  for (const [service, scope] of scopes(services, hasFilter)) {
    if (scope.filtered.length === 0) continue;
    const weaving = weavingIn(service.object.namespace);
    const hosts = new Set<string>();
    const routes = service.spec.http ?? [];
    const http =
      routes.length === 0
        ? routesForHttp(service, scope, weaving, hosts, result)
        : routes.flatMap((route, index) => {
            result.warnings.push(...elsewhere(service, route, index, weaving));
            const before = variants(route, scope, weaving);
            if (before.length === 0) return [route];
            for (const { destination } of route.route ?? [])
              if (isRetained(destination, weaving)) hosts.add(weaving.resolve(destination.host));
            result.problems.push(...refusals(service, route, index, scope, weaving));
            result.problems.push(...delegateRefusals(service, route, index, scope, services));
            return [...before, route];
          });
    if (hosts.size === 0) continue;
    const resource = woven(service.object, { ...service.object.spec, http });
    const size = sizeOfAnnotations(resource);
    if (size > MAX_ANNOTATIONS) {
      const message = `is too large to be kept beside what is woven: ${Math.ceil(size / 1024)} KiB of annotations after kubectl apply, of which Kubernetes takes 256; allowed: less, as several VirtualServices or delegates`;
      result.problems.push(problemOf(service.object, "spec", message));
    }
    result.made.push({ resource, hosts: [...hosts] });
  }
  return result;
}

/** In bytes, after kubectl apply, whose JSON escapes what HTML would take for its own. */
function sizeOfAnnotations(resource: Resource): number {
  const applied = JSON.stringify(resource).replaceAll(/[<>&\u2028\u2029]/g, "\\u0000");
  const annotations = { ...resource.metadata.annotations, [LAST_APPLIED]: `${applied}\n` };
  return Buffer.byteLength(Object.entries(annotations).flat().join(""));
}

/**
 * A VirtualService with routes for TCP or TLS alone: it is the only one for its host that Istio looks at, so it gets the
 * routes for HTTP that the host would have had in one of ours.
 */
function routesForHttp(
  { object, spec }: VirtualService,
  scope: Scope,
  weaving: Weaving,
  hosts: Set<string>,
  { problems }: Part,
): (Fields | Route)[] {
  const retained = (spec.hosts ?? []).filter((host) => isRetained({ host }, weaving));
  const [host] = retained;
  if (host === undefined) return [];
  if (spec.hosts!.length > 1) {
    const message = `has no routes for HTTP, and ${retained.join(", ")}, which is retained, needs some of its own; allowed: a VirtualService of its own for each host`;
    problems.push(problemOf(object, "spec.hosts", message));
    return [];
  }
  if (weaving.header === undefined && scope.others)
    problems.push(problemOf(object, "spec.gateways", LISTED_GATEWAYS));
  hosts.add(weaving.resolve(host));
  return routesOfItsOwn(host, scope, weaving);
}
