import { fieldsOf, textsOf, type Fields } from "../input/loose.ts";

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

/** `unsure` where it depends on labels of the proxy's that are not known. */
export type Sureness = "yes" | "no" | "unsure";

/**
 * Whether istiod gives the proxy a route for this match (networking.istio.io HTTPMatchRequest) at all: sourceMatchHTTP in
 * pilot/pkg/networking/core/route. Listed gateways, by their whole names, stand in for what is asked of the source.
 */
export function isFor(match: Fields, proxy: IstioProxy): Sureness {
  if (match.port !== undefined && match.port !== proxy.port) return "no";
  const gateways = textsOf(match.gateways);
  if (gateways.length > 0) return gateways.some((one) => proxy.gateways.has(one)) ? "yes" : "no";
  if (match.sourceNamespace !== undefined && match.sourceNamespace !== proxy.namespace) return "no";
  const asked = Object.entries(fieldsOf(match.sourceLabels));
  const known = (key: string) => Object.hasOwn(proxy.labels, key);
  if (asked.some(([key, value]) => known(key) && proxy.labels[key] !== value)) return "no";
  return asked.every(([key]) => known(key)) ? "yes" : "unsure";
}

/** Whether the request fits what the match asks of it. `headers` has the pseudo-headers, too. */
export function takes(match: Fields, headers: readonly (readonly [string, string])[]): boolean {
  const value = (name: string) => {
    const found = headers.filter(([key]) => key.toLowerCase() === name.toLowerCase());
    // Envoy compares all values of a name as one text.
    return found.length === 0 ? undefined : found.map(([, text]) => text).join(",");
  };
  const [path, query = ""] = (value(":path") ?? "/").split("?", 2) as [string, string?];
  return (
    fits(match.uri, path, match.ignoreUriCase === true) &&
    fits(match.method, value(":method")) &&
    fits(match.authority, value(":authority")) &&
    fits(match.scheme, "http") &&
    Object.entries(fieldsOf(match.headers)).every(([name, one]) => fits(one ?? {}, value(name))) &&
    Object.entries(fieldsOf(match.withoutHeaders)).every(([name, one]) => isWithout(one, value(name))) &&
    Object.entries(fieldsOf(match.queryParams)).every(([name, one]) =>
      fits(one ?? {}, parameter(name, query)),
    )
  );
}

/** A header that is not there is compared as an empty one, unless it is only asked whether it is there. */
function isWithout(match: unknown, value: string | undefined): boolean {
  return !fits(match ?? {}, isPresence(match) ? value : (value ?? ""));
}

/** The first value of a parameter, as it is written: Envoy decodes nothing. */
function parameter(name: string, query: string): string | undefined {
  const pairs = query.split("&").map((pair) => pair.split("=", 2) as [string, string?]);
  const found = pairs.find(([key]) => key === name);
  return found && (found[1] ?? "");
}

/** Whether a StringMatch asks only whether there is a value (canBeConvertedToPresentMatch). */
function isPresence(match: unknown): boolean {
  const { exact, prefix, regex } = fieldsOf(match);
  return exact === undefined && prefix === undefined && (regex === undefined || regex === "*");
}

/** networking.istio.io StringMatch; no match is met by everything. */
function fits(match: unknown, found: string | undefined, ignoreCase = false): boolean {
  if (match === undefined) return true;
  if (found === undefined) return false;
  if (isPresence(match)) return true;
  const { exact, prefix, regex } = fieldsOf(match);
  const lower = (text: unknown) => (ignoreCase ? String(text).toLowerCase() : String(text));
  if (exact !== undefined) return lower(found) === lower(exact);
  if (prefix !== undefined) return lower(found).startsWith(lower(prefix));
  return isWhole(String(regex), found);
}

/** The whole value must match. RE2 has inline flags that JavaScript writes otherwise; of the rest it knows nothing more. */
function isWhole(regex: string, found: string): boolean {
  const [, flags = "", plain] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(regex) as unknown as [
    string,
    string?,
    string?,
  ];
  return new RegExp(`^(?:${plain ?? ""})$`, flags).test(found);
}
