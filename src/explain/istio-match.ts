import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { MESH } from "../targets/istio/scope.ts";

/** What a sidecar's route can look at. */
export interface RoutedRequest {
  headers: readonly (readonly [string, string])[];
  port: number;
  cluster: string;
  clusterLabel: string;
  namespace: string | undefined;
}

/**
 * Whether one of a route's matches takes the request (networking.istio.io HTTPMatchRequest): `unsure` where that depends on
 * labels of the caller's that are not known.
 */
export function matches(route: Fields, request: RoutedRequest): "yes" | "no" | "unsure" {
  const all = itemsOf(route.match).map(fieldsOf);
  if (all.length === 0) return "yes";
  const results = all.map((match) => matchesOne(match, request));
  return results.find((one) => one === "yes") ?? results.find((one) => one === "unsure") ?? "no";
}

function matchesOne(match: Fields, request: RoutedRequest): "yes" | "no" | "unsure" {
  const value = (name: string) =>
    request.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, text]) => text)[0];
  const [path, query = ""] = (value(":path") ?? "/").split("?", 2) as [string, string?];
  const parameters = new URLSearchParams(query);
  const gateways = textsOf(match.gateways);
  const holds =
    fits(match.uri, path, match.ignoreUriCase === true) &&
    fits(match.method, value(":method")) &&
    fits(match.authority, value(":authority")) &&
    fits(match.scheme, "http") &&
    Object.entries(fieldsOf(match.headers)).every(([name, one]) => fitsPresent(one, value(name))) &&
    Object.entries(fieldsOf(match.withoutHeaders)).every(([name, one]) => !fitsPresent(one, value(name))) &&
    Object.entries(fieldsOf(match.queryParams)).every(([name, one]) =>
      fits(one, parameters.get(name) ?? undefined),
    ) &&
    (match.port === undefined || match.port === request.port) &&
    (match.sourceNamespace === undefined || match.sourceNamespace === request.namespace) &&
    (gateways.length === 0 || gateways.includes(MESH));
  if (!holds) return "no";
  const labels = Object.entries(fieldsOf(match.sourceLabels));
  const own = labels.find(([key]) => key === request.clusterLabel);
  if (own && own[1] !== request.cluster) return "no";
  return labels.length > (own ? 1 : 0) ? "unsure" : "yes";
}

/** A header is asked for by what it is, or, with nothing said, only whether it is there. */
function fitsPresent(match: unknown, value: string | undefined): boolean {
  if (value === undefined) return false;
  return Object.keys(fieldsOf(match)).length === 0 || fits(match, value);
}

/** networking.istio.io StringMatch; no match is met by everything. */
function fits(match: unknown, found: string | undefined, ignoreCase = false): boolean {
  if (match === undefined) return true;
  if (found === undefined) return false;
  const { exact, prefix, regex } = fieldsOf(match);
  const lower = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  const value = lower(found);
  if (textOf(exact) !== undefined) return value === lower(exact as string);
  if (textOf(prefix) !== undefined) return value.startsWith(lower(prefix as string));
  // RE2 knows nothing that JavaScript does not; the whole value must match.
  return textOf(regex) === undefined || new RegExp(`^(?:${regex as string})$`).test(found);
}
