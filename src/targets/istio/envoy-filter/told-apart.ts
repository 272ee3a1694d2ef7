import type { Leg, Route } from "../../../istio/routes.ts";
import type { VirtualHost } from "../../../istio/virtual-hosts.ts";

/** Routes of a virtual host that one patch finds: all that have this name, or, without one, all that forward requests. */
export interface Told {
  host: VirtualHost;
  name: string | undefined;
  legs: readonly Leg[];
  route: Route;
}

/** A route that leads to services that are to be kept local, and that no patch can find by itself. */
export interface Untold {
  route: Route;
  host: VirtualHost;
  services: string[];
  why: string;
  /** The edit that would help. */
  edit: string;
}

/**
 * Which routes of a virtual host an EnvoyFilter can tell apart: it matches by name, never by an empty one; without a name it
 * means all routes of the virtual host (routeMatch in pilot/pkg/networking/core/envoyfilter/rc_patch.go).
 *
 * @param concerns whether a host is a service to be kept local
 */
export function tellApart(
  host: VirtualHost,
  concerns: (host: string) => boolean,
): { told: Told[]; untold: Untold[] } {
  const forwarding = host.routes.filter(({ legs }) => legs.length > 0);
  const isConcern = ({ legs }: Route) => legs.some((leg) => concerns(leg.host));
  if (!forwarding.some(isConcern)) return { told: [], untold: [] };
  // Of thousands of services, most have one route.
  const [only, ...others] = forwarding;
  if (others.length === 0 && only!.legs.length === 1)
    return { told: [{ host, name: only!.name, legs: only!.legs, route: only! }], untold: [] };
  const told: Told[] = [];
  const untold: Untold[] = [];
  const keyOf = ({ legs }: Route) =>
    JSON.stringify(legs.map((leg) => [host.clusterOf(leg), leg.weight, leg.edits]));
  const give = (route: Route, why: string, edit: string) => {
    const services = [...new Set(route.legs.map((leg) => leg.host).filter(concerns))];
    untold.push({ route, host, services, why, edit });
  };
  for (const [name, routes] of grouped(forwarding)) {
    const concerned = routes.filter(isConcern);
    const [first] = concerned;
    if (!first) continue;
    if (new Set(routes.map(keyOf)).size > 1) {
      for (const route of concerned) {
        if (name === undefined)
          give(route, "has no name, and others without one lead elsewhere", naming(route));
        else
          give(route, `has the name ${JSON.stringify(name)}, as another that leads elsewhere`, naming(route));
      }
    } else if (first.legs.length > 1 && first.legs.some(({ edits }) => edits)) {
      give(first, "has headers beside its weights, which Envoy would lose", headers(first));
    } else if (name === undefined && !isAlone(first, forwarding, isConcern, keyOf)) {
      give(first, "has no name, and one with a name leads elsewhere", naming(first));
    } else told.push({ host, name, legs: first.legs, route: first });
  }
  // What is for all routes of the virtual host comes first, so that those with names are patched after it.
  told.sort((a, b) => Number(a.name !== undefined) - Number(b.name !== undefined));
  return { told, untold };
}

/** Whether a patch for all routes of the virtual host does no harm: each other one leads to the same, or is patched after it. */
function isAlone(
  route: Route,
  all: readonly Route[],
  isConcern: (route: Route) => boolean,
  keyOf: (route: Route) => string,
): boolean {
  const key = keyOf(route);
  const bad = new Set(
    [...grouped(all)].filter(([, routes]) => new Set(routes.map(keyOf)).size > 1).map(([name]) => name),
  );
  return all.every(
    (one) => keyOf(one) === key || (one.name !== undefined && isConcern(one) && !bad.has(one.name)),
  );
}

function grouped(routes: readonly Route[]): Map<string | undefined, Route[]> {
  const groups = new Map<string | undefined, Route[]>();
  for (const route of routes) {
    const group = groups.get(route.name);
    if (group) group.push(route);
    else groups.set(route.name, [route]);
  }
  return groups;
}

function naming({ path }: Route): string {
  return `a name of its own: ${path}.name`;
}

function headers({ path }: Route): string {
  return `where all destinations have the same headers, write them in ${path}.headers; else only a strict rule without conditions holds it, by the endpoints`;
}
