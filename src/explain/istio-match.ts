import { fieldsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import type { HeaderMatcher, RouteMatch, StringMatcher } from "./route-match.ts";
import { sure, type Sureness } from "./sure.ts";

/** The proxy that routes the request, as istiod sees it. */
export interface IstioProxy {
  cluster: string;
  namespace: string | undefined;
  /** The labels of its pod that are known; there may be others. */
  labels: Readonly<Record<string, string>>;
  /** The whole names of the Gateways that it serves; `mesh` for a sidecar. */
  gateways: ReadonlySet<string>;
  /** Where the requests of the route arrive: the port of the service, or that of the Gateway's server. */
  port: number;
}

/**
 * Whether istiod gives the proxy a route for this match (networking.istio.io HTTPMatchRequest) at all: sourceMatchHTTP in
 * pilot/pkg/networking/core/route. Listed gateways, by their whole names, stand in for what is asked of the source.
 */
export function isFor(match: Fields, proxy: IstioProxy): Sureness {
  if (match.port !== undefined && match.port !== proxy.port) return "no";
  const gateways = textsOf(match.gateways);
  if (gateways.length > 0) return sure(gateways.some((one) => proxy.gateways.has(one)));
  const namespace = textOf(match.sourceNamespace);
  if (namespace !== undefined && namespace !== proxy.namespace) return "no";
  const asked = Object.entries(fieldsOf(match.sourceLabels));
  const known = (key: string) => Object.hasOwn(proxy.labels, key);
  if (asked.some(([key, value]) => known(key) && proxy.labels[key] !== value)) return "no";
  return asked.every(([key]) => known(key)) ? "yes" : "unsure";
}

/**
 * What istiod makes of an HTTPMatchRequest (TranslateRouteMatch in pilot/pkg/networking/core/route).
 *
 * @param separated the prefixes of an Ingress or of the Gateway API: `/a` is none of `/ab`
 */
export function translated(match: Fields, separated = false): RouteMatch {
  const headers = [
    ...Object.entries(fieldsOf(match.headers)).map(([name, one]) => header(name, one)),
    ...Object.entries(fieldsOf(match.withoutHeaders)).map(([name, one]) => without(name, one)),
    ...(["method", "authority", "scheme"] as const).flatMap((field) =>
      match[field] === undefined ? [] : [header(`:${field}`, match[field])],
    ),
  ];
  const claims = headers.filter(({ name }) => isClaim(name));
  const parameters = Object.entries(fieldsOf(match.queryParams));
  return {
    ...pathOf(match.uri, separated),
    ...(match.ignoreUriCase === true && { case_sensitive: false }),
    ...(headers.length > claims.length && { headers: headers.filter(({ name }) => !isClaim(name)) }),
    ...(claims.length > 0 && { dynamic_metadata: claims }),
    ...(parameters.length > 0 && {
      query_parameters: parameters.map(([name, one]) => ({ name, ...presenceOr(one) })),
    }),
  };
}

/** IsCatchAllRoute there: no request is left for the routes that come after. */
export function takesAll(match: RouteMatch): boolean {
  const { headers, query_parameters, dynamic_metadata } = match;
  if (headers ?? query_parameters ?? dynamic_metadata) return false;
  return match.prefix === "/" || match.path_separated_prefix === "/" || match.safe_regex?.regex === ".*";
}

/** networking.istio.io StringMatch; an empty text is one, too. */
function stringMatch(value: unknown): { exact?: string; prefix?: string; regex?: string } {
  const texts = Object.entries(fieldsOf(value)).filter(([, text]) => typeof text === "string");
  return Object.fromEntries(texts);
}

function pathOf(uri: unknown, separated: boolean): RouteMatch {
  const { exact, prefix = "/", regex } = stringMatch(uri);
  if (exact !== undefined) return { path: exact };
  if (regex !== undefined) return { safe_regex: { regex } };
  if (!separated || prefix === "/") return { prefix };
  return { path_separated_prefix: prefix.replace(/\/$/, "") };
}

function header(name: string, match: unknown): HeaderMatcher {
  return { name, ...presenceOr(match) };
}

/** A header that is not there is compared as an empty one, unless it is only asked whether it is there. */
function without(name: string, match: unknown): HeaderMatcher {
  const one = presenceOr(match);
  return {
    ...{ name, ...one, invert_match: true },
    ...(!one.present_match && { treat_missing_header_as_empty: true }),
  };
}

/** A regex of `*`, which is none, asks only whether there is a value (canBeConvertedToPresentMatch). */
function presenceOr(match: unknown): { present_match?: true; string_match?: StringMatcher } {
  const { exact, prefix, regex } = stringMatch(match);
  if (exact !== undefined) return { string_match: { exact } };
  if (prefix !== undefined) return { string_match: { prefix } };
  if (regex === undefined || regex === "*") return { present_match: true };
  return { string_match: { safe_regex: { regex } } };
}

/** `@request.auth.claims.group`: of a token, not of the request (pkg/jwt, ToRoutingClaim). */
function isClaim(name: string): boolean {
  return /^@request\.auth\.claims[.[]/i.test(name);
}
