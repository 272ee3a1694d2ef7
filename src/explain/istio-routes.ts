import { fieldsOf, itemsOf, type Fields } from "../input/loose.ts";
import { chooseAlike, joined, legsOf, serviceLeg, type Leg, type Surroundings } from "./istio-legs.ts";
import { kept } from "./istio-pin.ts";
import { routeOf, type ProxyRoute } from "./istio-virtual-services.ts";
import type { Followed, Pin, Way } from "./view.ts";

/** Where the requests for a host go in a proxy. */
export interface Routed extends Surroundings {
  virtualHost: string;
  /** By VirtualServices; undefined where the virtual host leads to the service itself. */
  routes: readonly ProxyRoute[] | undefined;
  /** The service itself. */
  host: string;
  notes: readonly string[];
}

type Headers = readonly (readonly [string, string])[];

/**
 * The ways that a request may take: the filter looks at the destination of the route that the request takes as it comes, and
 * Envoy chooses a route again when the filter has set its header. Weights make several ways, one for each destination.
 */
export function waysOf(routed: Routed, headers: Headers): Way[] {
  const taken = take(routed, headers);
  if ("followed" in taken) return [wayOf(routed, undefined, 1, (pin) => again(routed, pin))];
  const { legs } = taken;
  const sum = legs.reduce((total, { weight }) => total + weight, 0);
  const groups = new Map<string, number[]>();
  legs.forEach(({ host, port, exists }, index) => {
    const key = `${host}:${port} ${exists}`;
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  return [...groups.values()].map((indexes) => {
    const share = indexes.reduce((total, index) => total + legs[index]!.weight, 0) / sum;
    return wayOf(routed, legs[indexes[0]!], share, (pin) => again(routed, pin, legs, indexes));
  });
}

function wayOf({ virtualHost }: Routed, leg: Leg | undefined, share: number, follow: Way["follow"]): Way {
  return { facts: { envoyCluster: leg?.exists ? leg.envoyCluster : undefined, virtualHost }, share, follow };
}

/** The route behind the filter; of its destinations those at the indexes, where it chooses as the one before it did. */
function again(routed: Routed, pin: Pin, before: readonly Leg[] = [], indexes: readonly number[] = []) {
  const taken = take(routed, pin.headers);
  if ("followed" in taken) return taken.followed;
  const legs = chooseAlike(before, taken.legs) ? indexes.map((index) => taken.legs[index]!) : taken.legs;
  return told(
    legs.map((leg) => kept(leg, pin)),
    taken,
  );
}

interface Taken {
  in: string;
  legs: Leg[];
  notes: readonly string[];
}

/** The route that takes a request, with its destinations, or what Envoy answers by itself. */
function take(routed: Routed, headers: Headers): Taken | { followed: Followed } {
  const { routes, virtualHost, host, proxy } = routed;
  if (!routes) {
    const legs = [serviceLeg(host, proxy.port, routed)];
    return { in: `virtual host ${virtualHost}`, legs, notes: routed.notes };
  }
  const found = routeOf(routes, headers);
  if (!found) {
    const [first] = routes;
    const notes = [
      ...routed.notes,
      `no route of ${first?.title.split(",")[0] ?? virtualHost} takes the request: Envoy answers 404`,
    ];
    return { followed: { ...NOWHERE, unrouted: true, notes } };
  }
  const { route } = found;
  if (found.takes === "unsure") {
    const notes = [...routed.notes, `not known: whether ${route.title} takes the request${doubtOf(route)}`];
    return { followed: { ...NOWHERE, unknown: true, notes } };
  }
  const notes = [
    ...routed.notes,
    ...(route.sure === "unsure"
      ? [`not known: whether the caller has the labels that ${route.title} asks for; they are taken for met`]
      : []),
    ...copies(route),
  ];
  const status = answered(route.fields);
  if (status !== undefined)
    return {
      followed: { ...NOWHERE, status, notes: [...notes, `${route.title} answers by itself: ${status}`] },
    };
  return { in: route.title, legs: legsOf(route, routed), notes };
}

/** What a match asks that is not known of the request, or of RE2. */
function doubtOf({ match }: ProxyRoute): string {
  const text = JSON.stringify(match);
  if (text.includes("@request.auth.claims")) return ", which asks for the claims of a token";
  return text.includes('"regex"')
    ? ", by an expression that is not known to be RE2's or by a header that is sent twice"
    : ", by a header that is sent twice: Envoy 1.39 and newer compare each value, older ones both as one";
}

const NOWHERE = { endpoints: { allowed: [], excluded: [] } };

/** The status that a route answers with: of a direct response, a redirect, or a fault that every request meets. */
function answered({ directResponse, redirect, fault }: Fields): number | undefined {
  const { httpStatus, percentage } = fieldsOf(fieldsOf(fault).abort);
  if (httpStatus !== undefined && Number(fieldsOf(percentage).value ?? 100) === 100)
    return Number(httpStatus);
  if (directResponse !== undefined) return Number(fieldsOf(directResponse).status);
  return redirect === undefined ? undefined : Number(fieldsOf(redirect).redirectCode ?? 301);
}

/** What else becomes of the requests of a route. */
function copies({ fields, title }: ProxyRoute): string[] {
  const mirrored = fields.mirror !== undefined || itemsOf(fields.mirrors).length > 0;
  const { abort } = fieldsOf(fields.fault);
  const share = Number(fieldsOf(fieldsOf(abort).percentage).value ?? 100);
  return [
    ...(mirrored ? [`${title} also sends copies elsewhere (mirror)`] : []),
    ...(abort !== undefined && share < 100
      ? [`${title} answers ${share}% of the requests by itself (fault)`]
      : []),
  ];
}

function told(legs: readonly Leg[], { in: title, notes }: Taken): Followed {
  const allowed = distinct(legs.flatMap((leg) => leg.allowed));
  const addresses = new Set(allowed.map(({ address }) => address));
  return {
    route: { in: title, envoyClusters: legs.map(({ envoyCluster }) => envoyCluster) },
    subset: joined(legs.flatMap(({ labels }) => (labels ? [labels] : []))),
    endpoints: {
      allowed: allowed.sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0)),
      excluded: distinct(legs.flatMap((leg) => leg.excluded)).filter(
        ({ address }) => !addresses.has(address),
      ),
    },
    unknown: legs.every((leg) => leg.unknown),
    notes: [...new Set([...notes, ...legs.flatMap((leg) => leg.notes)])],
  };
}

/** Subsets of one service may share endpoints. */
function distinct<E extends { address: string; cluster: string }>(endpoints: readonly E[]): E[] {
  const known = new Map(endpoints.map((one) => [`${one.cluster} ${one.address}`, one]));
  return [...known.values()];
}
