import { fieldsOf, itemsOf, numberOf, textOf, type Fields } from "../input/loose.ts";
import { serviceHost } from "../inventory/kubernetes/hosts.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { byAge } from "../istio/visibility.ts";
import { translated } from "./istio-match.ts";
import type { ProxyRoute } from "./proxy-route.ts";

/** A route of the Gateway API and the rank that its match has among others. */
interface Ranked {
  route: ProxyRoute;
  /** The greater ones come first. */
  rank: number[];
}

/**
 * What istiod makes of HTTPRoutes and GRPCRoutes for one host, one route for each match, the most specific first
 * (convertHTTPRoute, convertGRPCRoute and sortHTTPRoutes in pilot/pkg/config/kube/gateway/conversion.go).
 *
 * @param objects the oldest first
 */
export function gatewayApiRoutes(objects: readonly KubeObject[], domain: string): ProxyRoute[] {
  return objects
    .flatMap((object) =>
      itemsOf(object.spec.rules).flatMap((rule, index) => routesOf(fieldsOf(rule), index, object, domain)),
    )
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ route }) => route);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((one, index) => one !== b[index]);
  return at < 0 ? 0 : b[at]! - a[at]!;
}

function routesOf(rule: Fields, index: number, object: KubeObject, domain: string): Ranked[] {
  const { namespace, name } = object;
  const matches = itemsOf(rule.matches).map(fieldsOf);
  return (matches.length > 0 ? matches : [{}]).map((written) => {
    const match = object.kind === "GRPCRoute" ? grpcMatch(written) : httpMatch(written);
    const route: ProxyRoute = {
      ...{
        fields: actionOf(rule, namespace, domain),
        match: translated(match, true),
        sure: "yes",
        namespace,
      },
      name: textOf(rule.name) ?? `${namespace}.${name}.${index}`,
      title: `${titleOf(object)}, rules[${index}]`,
    };
    return { route, rank: rankOf(match) };
  });
}

/** As an HTTPMatchRequest. A header or parameter is compared exactly unless its type says otherwise. */
function httpMatch({ path, method, headers, queryParams }: Fields): Fields {
  const { type = "PathPrefix", value = "/" } = fieldsOf(path);
  const text = textOf(value) ?? "/";
  const uri =
    type === "Exact"
      ? { exact: text }
      : type === "RegularExpression"
        ? { regex: text }
        : { prefix: text === "/" ? text : text.replace(/\/$/, "") };
  return {
    uri,
    ...(method !== undefined && { method: { exact: method } }),
    ...named("headers", headers),
    ...named("queryParams", queryParams),
  };
}

/** `/package.Service/Method`, of which either may be left out. */
function grpcMatch({ method, headers }: Fields): Fields {
  const { type = "Exact", service, method: name } = fieldsOf(method);
  const [of, one] = [textOf(service), textOf(name)];
  const regex = type === "RegularExpression";
  const path = (from: string | undefined, to: string | undefined) => `/${from ?? "[^/]+"}/${to ?? ".+"}`;
  if (of === undefined && one === undefined) return named("headers", headers);
  const uri =
    regex || of === undefined
      ? { regex: path(of, one) }
      : one === undefined
        ? { prefix: `/${of}/` }
        : { exact: path(of, one) };
  return { uri, ...named("headers", headers) };
}

/** Of two for one name the first counts. */
function named(field: string, list: unknown): Fields {
  const matches = itemsOf(list).map(fieldsOf).reverse();
  if (matches.length === 0) return {};
  const entries = matches.map(({ type, name, value }): [string, Fields] => [
    textOf(name) ?? "",
    type === "RegularExpression" ? { regex: value } : { exact: value },
  ]);
  return { [field]: Object.fromEntries(entries) };
}

/** Exact before prefix before regex, the longer first, then what asks for a method, for more headers, for more parameters. */
function rankOf({ uri, method, headers, queryParams }: Fields): number[] {
  const { exact, prefix, regex } = fieldsOf(uri) as Record<string, string | undefined>;
  const kind = exact !== undefined ? 3 : prefix !== undefined ? 2 : regex !== undefined ? 1 : -1;
  const size = (fields: unknown) => Object.keys(fieldsOf(fields)).length;
  const length = (exact ?? prefix ?? regex ?? "").length;
  return [kind, length, method === undefined ? 0 : 1, size(headers), size(queryParams)];
}

/** As the action of a VirtualService's route. */
function actionOf({ backendRefs, filters }: Fields, namespace: string, domain: string): Fields {
  const all = itemsOf(filters).map(fieldsOf);
  const redirect = all.find(({ type }) => type === "RequestRedirect")?.requestRedirect;
  const mirrors = all.filter(({ type }) => type === "RequestMirror");
  const route = itemsOf(backendRefs)
    .map(fieldsOf)
    .map((ref) => ({
      destination: destinationOf(ref, namespace, domain),
      weight: numberOf(ref.weight) ?? 1,
    }));
  return {
    ...(redirect === undefined
      ? { route }
      : { redirect: { redirectCode: numberOf(fieldsOf(redirect).statusCode) ?? 302 } }),
    ...(mirrors.length > 0 && { mirrors }),
  };
}

function destinationOf({ kind, namespace, name, port }: Fields, own: string, domain: string): Fields {
  const of = textOf(namespace) ?? own;
  const text = textOf(name) ?? "";
  const host =
    kind === "Hostname"
      ? text
      : kind === "ServiceImport"
        ? `${text}.${of}.svc.clusterset.local`
        : serviceHost(of, text, domain);
  return { host, ...(numberOf(port) !== undefined && { port: { number: port } }) };
}

/** The VirtualService that istiod makes of the routes of a namespace for one service, or for one of its ports. */
export interface ApiService {
  namespace: string;
  name: string;
  /** Of the oldest. */
  fields: Fields;
  routes: ProxyRoute[];
  api: true;
}

/**
 * What istiod makes of the routes whose parent is a service, for callers of a namespace: those elsewhere are for their own
 * namespace's callers (HTTPRouteCollection and mergeHTTPRoutes in pilot/pkg/config/kube/gateway/route_collections.go).
 */
export function apiServices(
  objects: readonly KubeObject[],
  service: { namespace: string; name: string; host: string },
  port: number,
  caller: string | undefined,
  domain: string,
): ApiService[] {
  const groups = new Map<string, KubeObject[]>();
  for (const object of [...objects].sort(byAge)) {
    const { namespace } = object;
    if (namespace !== service.namespace && namespace !== caller) continue;
    for (const ref of itemsOf(object.spec.parentRefs).map(fieldsOf)) {
      const isParent =
        ref.kind === "Service" &&
        ref.name === service.name &&
        (textOf(ref.namespace) ?? namespace) === service.namespace;
      const asked = numberOf(ref.port);
      if (!isParent || (asked ?? port) !== port) continue;
      const name = [namespace, ...(asked === undefined ? [] : [asked]), service.host].join("~");
      groups.set(name, [...(groups.get(name) ?? []), object]);
    }
  }
  return [...groups].map(([name, of]) => {
    const [{ namespace, fields }] = of as [KubeObject];
    return { name, namespace, fields, api: true, routes: gatewayApiRoutes(of, domain) };
  });
}
