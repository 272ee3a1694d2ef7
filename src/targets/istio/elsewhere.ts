import type { Problem } from "../../input/problem.ts";
import { problemOf } from "../../inventory/kubernetes/object.ts";
import type { Route, VirtualService } from "./virtual-service-shape.ts";
import { isRetained, type Weaving } from "./weave-route.ts";

/** Requests that a route takes past what the rules say of the services they are for. */
export function elsewhere(
  { object, spec }: VirtualService,
  route: Route,
  index: number,
  weaving: Weaving,
): Problem[] {
  const warnings: Problem[] = [];
  const add = (message: string) => warnings.push(problemOf(object, `spec.http[${index}]`, message));
  const destinations = (route.route ?? []).map(({ destination }) => destination);
  const others = destinations.filter((one) => !isRetained(one, weaving)).map(({ host }) => host);
  const retained = (spec.hosts ?? []).filter((host) => isRetained({ host }, weaving));
  if (retained.length > 0 && others.length > 0) {
    const names = [...new Set(others)].join(", ");
    add(
      `leads requests for ${retained.join(", ")} to ${names}, which no rule retains: it has to be named in a rule, too`,
    );
  }
  const copies = [
    ...(route.mirror ? [route.mirror] : []),
    ...(route.mirrors ?? []).map((one) => one.destination),
  ];
  if (others.length === destinations.length && copies.some((copy) => isRetained(copy, weaving)))
    add("mirrors requests of another service to a retained one: the copies are not retained");
  return warnings;
}
