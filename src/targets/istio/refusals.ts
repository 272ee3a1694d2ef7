import type { Problem } from "../../input/problem.ts";
import { problemOf } from "../../inventory/kubernetes/object.ts";
import { wholeGateway, type Scope } from "./scope.ts";
import type { Route, VirtualService } from "./virtual-service-shape.ts";
import type { Weaving } from "./weave-route.ts";

export const LISTED_GATEWAYS =
  "is for listed gateways, where Istio does not look at sourceLabels; allowed: a VirtualService without gateways (or --native cluster-local)";

/** What keeps a route with retained destinations from being woven. */
export function refusals(
  service: VirtualService,
  route: Route,
  index: number,
  scope: Scope,
  weaving: Weaving,
): Problem[] {
  const at = `spec.http[${index}]`;
  const add = (path: string, message: string) => problemOf(service.object, `${at}${path}`, message);
  const { header } = weaving;
  if (header === undefined) {
    const listed = (route.match ?? []).findIndex(({ gateways }) => gateways?.length);
    if (listed < 0 && !scope.others) return [];
    const path = listed < 0 ? "" : `.match[${listed}].gateways`;
    return [add(path, LISTED_GATEWAYS)];
  }
  const problems: Problem[] = [];
  route.match?.forEach((match, number) => {
    for (const field of ["headers", "withoutHeaders"] as const) {
      if (!hasHeader(match[field], header)) continue;
      const message = "is the header that the filter owns, allowed: others";
      problems.push(add(`.match[${number}].${field}.${header}`, message));
    }
  });
  const request = [route.headers, ...(route.route ?? []).map((one) => one.headers)];
  for (const operations of request) {
    for (const operation of ["set", "add"] as const) {
      if (!hasHeader(operations?.request?.[operation], header)) continue;
      const message = "is the header that the filter owns, allowed: others";
      problems.push(add(`.headers.request.${operation}.${header}`, message));
    }
  }
  return problems;
}

/**
 * A delegate's route without a match takes that of the route which delegates to it. Its variants have a match of their
 * own, and of some fields Istio asks that both say the same (hasConflict in pilot/pkg/model/virtualservice.go): then it
 * would drop the variant.
 */
export function delegateRefusals(
  service: VirtualService,
  route: Route,
  index: number,
  scope: Scope,
  all: readonly VirtualService[],
): Problem[] {
  if (service.spec.hosts?.length || route.match?.length) return [];
  const { namespace, name } = service.object;
  for (const root of all) {
    for (const { delegate, match } of root.spec.http ?? []) {
      if (delegate?.name !== name || (delegate.namespace ?? root.object.namespace) !== namespace) continue;
      const field = FIELDS.find((field) => match?.some((one) => one[field] !== undefined));
      const reason =
        field ??
        (match?.some(({ gateways }) => areCut(wholeNames(gateways, root), scope)) === true
          ? "gateways"
          : undefined);
      if (reason === undefined) continue;
      const message = `has no match of its own, and ${root.object.namespace}/${root.object.name} delegates to it by ${reason}; allowed: the same ${reason} in a match here`;
      return [problemOf(service.object, `spec.http[${index}]`, message)];
    }
  }
  return [];
}

const FIELDS = ["ignoreUriCase", "sourceNamespace"];

function wholeNames(gateways: readonly string[] = [], { object }: VirtualService): string[] {
  return gateways.map((name) => wholeGateway(name, object.namespace));
}

/** Whether the variants list gateways of which the match that delegates to them has some, but not all. */
function areCut(gateways: readonly string[], { filtered, others }: Scope): boolean {
  if (!others || gateways.length === 0) return false;
  const some = filtered.some((gateway) => gateways.includes(gateway));
  return some && !filtered.every((gateway) => gateways.includes(gateway));
}

function hasHeader(headers: Record<string, unknown> | undefined, name: string): boolean {
  return Object.keys(headers ?? {}).some((key) => key.toLowerCase() === name);
}
