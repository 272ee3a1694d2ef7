import { matchesRe2 } from "../input/re2.ts";
import { every, opposite, some, sure, type Sureness } from "./sure.ts";

/** What an Envoy route asks of a request: config.route.v3.RouteMatch in proto3's JSON form, as far as Istio writes it. */
export interface RouteMatch {
  prefix?: string;
  path?: string;
  path_separated_prefix?: string;
  safe_regex?: { regex: string };
  /** Of the three that are no regex. Default: true. */
  case_sensitive?: boolean;
  headers?: HeaderMatcher[];
  query_parameters?: { name: string; present_match?: true; string_match?: StringMatcher }[];
  /** Metadata, such as the claims of a token, which no question tells: whether it fits is not known. */
  dynamic_metadata?: object[];
}

export interface HeaderMatcher {
  name: string;
  present_match?: true;
  string_match?: StringMatcher;
  invert_match?: true;
  treat_missing_header_as_empty?: true;
}

export type StringMatcher = { exact: string } | { prefix: string } | { safe_regex: { regex: string } };

/** A request's headers with the pseudo-headers (`:path` with its query), in order. */
export type RequestHeaders = readonly (readonly [name: string, value: string])[];

/** Whether the route takes the request (source/common/router/config_impl.cc); unsure for a regex that RE2's port does not know. */
export function takes(match: RouteMatch, headers: RequestHeaders): Sureness {
  const [path, query] = splitPath(valuesOf(headers, ":path")[0] ?? "/");
  return every([
    takesPath(match, path),
    ...(match.headers ?? []).map((one) => takesHeader(one, headers)),
    ...(match.query_parameters ?? []).map(({ name, string_match }) => {
      const value = parameterOf(name, query);
      return value === undefined || string_match === undefined
        ? sure(value !== undefined)
        : fits(string_match, value);
    }),
    ...(match.dynamic_metadata ?? []).map((): Sureness => "unsure"),
  ]);
}

/** Paths are compared without query and fragment; a query may have further question marks. */
function splitPath(text: string): [path: string, query: string] {
  const at = text.search(/[?#]/);
  if (at < 0) return [text, ""];
  const from = text.indexOf("?");
  return [text.slice(0, at), from < 0 ? "" : text.slice(from + 1)];
}

function takesPath(match: RouteMatch, found: string): Sureness {
  const { prefix, path, path_separated_prefix: separated, safe_regex } = match;
  if (safe_regex) return fits({ safe_regex }, found);
  const fold = (text: string) => (match.case_sensitive === false ? lower(text) : text);
  const asked = fold(path ?? separated ?? prefix ?? "/");
  const whole = fold(found);
  if (path !== undefined) return sure(whole === asked);
  const rest = whole.startsWith(asked) ? whole.slice(asked.length) : undefined;
  if (separated === undefined) return sure(rest !== undefined);
  return sure(rest === "" || rest?.startsWith("/") === true);
}

/** Envoy folds the letters of ASCII alone (absl::EqualsIgnoreCase). */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function takesHeader(match: HeaderMatcher, headers: RequestHeaders): Sureness {
  const { name, string_match, invert_match, treat_missing_header_as_empty } = match;
  const found = valuesOf(headers, name);
  const values = found.length === 0 && treat_missing_header_as_empty ? [""] : found;
  if (values.length === 0 && string_match) return "no";
  const answer = string_match ? fitsOneOf(string_match, values) : sure(values.length > 0);
  return invert_match ? opposite(answer) : answer;
}

/**
 * Of a header that is sent twice, Envoy compares both values as one text until 1.38, and each by itself from 1.39 on
 * (envoy.reloadable_features.match_headers_individually): where the two differ, it depends on the proxy.
 */
function fitsOneOf(match: StringMatcher, values: readonly string[]): Sureness {
  const joined = fits(match, values.join(","));
  const single = some(values.map((value) => fits(match, value)));
  return joined === single ? joined : "unsure";
}

function valuesOf(headers: RequestHeaders, name: string): string[] {
  // `Host` is what HTTP/1 calls it.
  const asked = name.toLowerCase() === "host" ? ":authority" : name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === asked).map(([, text]) => text);
}

/** The first value of a parameter, as it is written: nothing is decoded, and only the first `=` ends a name. */
function parameterOf(name: string, query: string): string | undefined {
  if (query === "") return undefined;
  const found = query.split("&").find((pair) => pair.split("=", 1)[0] === name);
  return found === undefined ? undefined : found.slice(name.length + 1);
}

function fits(match: StringMatcher, found: string): Sureness {
  if ("exact" in match) return sure(found === match.exact);
  if ("prefix" in match) return sure(found.startsWith(match.prefix));
  const whole = matchesRe2(match.safe_regex.regex, found);
  return whole === undefined ? "unsure" : sure(whole);
}
