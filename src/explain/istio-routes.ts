import { fieldsOf, itemsOf, type Fields } from "../input/loose.ts";
import { DEFAULT_ROUTE } from "../istio/names.ts";
import { joined, legsOf, serviceLeg, type Leg } from "./istio-legs.ts";
import { upstreamOf, type Configured, type Upstream } from "./istio-upstream.ts";
import { routeOf } from "./istio-virtual-services.ts";
import type { ProxyRoute } from "./proxy-route.ts";
import type { RequestHeaders } from "./route-match.ts";
import type { Followed, Pin, Way } from "./view.ts";

/** Where the requests for a host go in a proxy. */
export interface Routed extends Configured {
  /** Undefined where the proxy has none for the host. */
  virtualHost: string | undefined;
  /** By VirtualServices and routes of the Gateway API; undefined where the virtual host leads to the service itself. */
  routes: readonly ProxyRoute[] | undefined;
  /** The service itself. */
  host: string;
  notes: readonly string[];
  /** The same with what is applied, where that is known. */
  applied?: Pick<Configured, "destinationRules" | "patches" | "settings"> | undefined;
}

/**
 * The ways that a request may take: one for each of the destinations that weights choose from, by x-request-id or a number
 * that stays the stream's, so that the pin does not change which one it is.
 */
export function waysOf(routed: Routed, headers: RequestHeaders): Way[] {
  const taken = take(routed, headers);
  const { virtualHost } = routed;
  if (!("legs" in taken)) return [{ facts: { virtualHost }, share: 1, follow: () => taken.followed }];
  const { legs } = taken;
  const sum = legs.reduce((total, { weight }) => total + weight, 0);
  const groups = new Map<string, number[]>();
  const unpinned = clustersOf(routed, taken, undefined).map((name) => upstreamOf(name, routed));
  legs.forEach(({ host, port }, index) => {
    // Of an Envoy cluster that is not there the filter sees nothing.
    const key = unpinned[index]!.exists ? `${host}:${port}` : "";
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  return [...groups.values()].map((indexes) => {
    const { exists, envoyCluster } = unpinned[indexes[0]!]!;
    return {
      facts: { envoyCluster: exists ? envoyCluster : undefined, virtualHost },
      share: indexes.reduce((total, index) => total + legs[index]!.weight, 0) / sum,
      follow: (pin) => taken.followed ?? follow(routed, taken, indexes, pin),
    };
  });
}

function follow(routed: Routed, taken: Taken, indexes: readonly number[], pin: Pin): Followed {
  const reached = (configured: Configured) => {
    const clusters = clustersOf(configured, taken, pin.value);
    const legs = indexes.map((index) => taken.legs[index]!);
    return told(
      indexes.map((index, at) => reachedBy(clusters[index]!, legs[at]!, configured)),
      legs,
      taken,
    );
  };
  const answer = reached(routed);
  if (!routed.applied) return answer;
  const applied = reached({ ...routed, ...routed.applied });
  const where = ({ route, endpoints }: Followed) =>
    JSON.stringify([
      route?.envoyClusters,
      endpoints.allowed.map(({ cluster, address }) => [cluster, address]),
    ]);
  if (where(applied) === where(answer)) return answer;
  const { envoyClusters } = applied.route!;
  const clusters = [...new Set(applied.endpoints.allowed.map(({ cluster }) => cluster))];
  const now = clusters.length === 0 ? "where no endpoint answers" : `to endpoints in ${clusters.join(", ")}`;
  const note = `what is applied is not what would be generated: as applied, the request goes to ${envoyClusters.join(", ")}, ${now}`;
  return { ...answer, notes: [...answer.notes, note] };
}

/** What its owner wrote amiss is said in the owner's words. */
function reachedBy(envoyCluster: string, leg: Leg, configured: Configured): Upstream {
  const reached = upstreamOf(envoyCluster, configured);
  if (reached.allowed.length > 0 || leg.envoyCluster === envoyCluster) return reached;
  const { exists, notes } = upstreamOf(leg.envoyCluster, configured);
  return exists ? reached : { ...reached, notes };
}

/** The Envoy clusters of a route's destinations with a pin: as our patches have them, else as the route's owner wrote them. */
function clustersOf(
  { patches }: Configured,
  { virtualHost, name, legs }: Taken,
  pin: string | undefined,
): string[] {
  const patched = patches.route(virtualHost, name, pin);
  const own = legs.map(({ envoyCluster }) => envoyCluster);
  if (!patched || patched.length === 0) return own;
  return patched.length === own.length
    ? patched.map(({ cluster }) => cluster)
    : own.map(() => patched[0]!.cluster);
}

interface Taken {
  in: string;
  virtualHost: string | undefined;
  /** In RDS; undefined for a route without. */
  name: string | undefined;
  legs: Leg[];
  notes: readonly string[];
  /** What Envoy answers by itself. */
  followed?: Followed;
}

/** The route that takes a request, with its destinations, or what Envoy answers by itself. */
function take(routed: Routed, headers: RequestHeaders): Taken | { followed: Followed } {
  const { routes, virtualHost, host, proxy } = routed;
  if (!routes)
    return {
      ...{ in: `virtual host ${virtualHost ?? ""}`, virtualHost, name: DEFAULT_ROUTE, notes: routed.notes },
      legs: [serviceLeg(host, proxy.port)],
    };
  const found = routeOf(routes, headers);
  if (!found) {
    const [first] = routes;
    const notes = [
      ...routed.notes,
      `no route of ${first?.title.split(",")[0] ?? virtualHost ?? "the gateway"} takes the request: Envoy answers 404`,
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
  const answer = status !== undefined && {
    followed: { ...NOWHERE, status, notes: [...notes, `${route.title} answers by itself: ${status}`] },
  };
  // A fault is met on the way to where the route leads, which is what the filter sees.
  if (answer && (route.fields.redirect ?? route.fields.directResponse) !== undefined) return answer;
  const legs = legsOf(route, routed);
  if (legs.length === 0)
    return {
      followed: {
        ...NOWHERE,
        status: 500,
        notes: [...notes, `${route.title} has no destination: Envoy answers 500`],
      },
    };
  return { in: route.title, virtualHost, name: route.name, legs, notes, ...answer };
}

/** What a match asks that is not known of the request, or of RE2. */
function doubtOf({ match }: ProxyRoute): string {
  if (match.dynamic_metadata) return ", which asks for the claims of a token";
  return JSON.stringify(match).includes('"regex"')
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

function told(upstreams: readonly Upstream[], legs: readonly Leg[], { in: title, notes }: Taken): Followed {
  const weigh = (counts: (one: Upstream) => boolean) =>
    legs.reduce((sum, { weight }, index) => sum + (counts(upstreams[index]!) ? weight : 0), 0);
  const allowed = distinct(upstreams.flatMap((one) => one.allowed));
  const addresses = new Set(allowed.map(({ address }) => address));
  return {
    route: { in: title, envoyClusters: upstreams.map(({ envoyCluster }) => envoyCluster) },
    subset: joined(upstreams.flatMap(({ labels }) => (labels ? [labels] : []))),
    endpoints: {
      allowed: allowed.sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0)),
      excluded: distinct(upstreams.flatMap((one) => one.excluded)).filter(
        ({ address }) => !addresses.has(address),
      ),
    },
    unknown: upstreams.every((one) => one.unknown),
    refused: weigh(({ unknown, allowed }) => !unknown && allowed.length === 0) / weigh(() => true),
    notes: [...new Set([...notes, ...upstreams.flatMap((one) => one.notes)])],
  };
}

/** Subsets of one service may share endpoints. */
function distinct<E extends { address: string; cluster: string }>(endpoints: readonly E[]): E[] {
  return [...new Map(endpoints.map((one) => [`${one.cluster} ${one.address}`, one])).values()];
}
