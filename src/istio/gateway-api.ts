import { fieldsOf, itemsOf, numberOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { serviceHost } from "../inventory/kubernetes/hosts.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { MESH } from "./names.ts";
import { routesOf, type VirtualService, type Written } from "./routes.ts";

/**
 * What Istio makes of HTTPRoutes and GRPCRoutes (convertHTTPRoute and convertGRPCRoute in
 * pilot/pkg/config/kube/gateway/conversion.go): a VirtualService for the services that they name as parents, and one for the
 * Gateways.
 */
export function readGatewayRoutes(routes: readonly KubeObject[], domain: string): VirtualService[] {
  return routes.flatMap((object) => {
    // Those with the most specific match come first, whatever their order here: none leaves nothing to the others.
    const read = writtenRules(object, domain)
      .flatMap((rule) => routesOf(rule, domain))
      .map((one) => ({ ...one, takesAll: false }));
    const parents = itemsOf(object.spec.parentRefs).map(fieldsOf);
    const services = parents.filter(({ kind }) => kind === "Service");
    const gateways = parents.filter(({ kind }) => kind === undefined || kind === "Gateway");
    const hostnames = textsOf(object.spec.hostnames).map((host) => host.toLowerCase());
    return [
      ...services.map((parent) => ({
        ...{ object, gateways: [MESH], addsUp: true },
        routes: read.map((one) => ({ ...one, port: numberOf(parent.port) })),
        hosts: [hostOf(parent, object.namespace, domain)],
      })),
      ...gateways.map(({ namespace, name }) => ({
        ...{ object, routes: read, addsUp: true },
        hosts: hostnames.length > 0 ? hostnames : ["*"],
        gateways: [`${textOf(namespace) ?? object.namespace}/${textOf(name) ?? ""}`],
      })),
    ];
  });
}

/** The rules of a route, each as an entry of a VirtualService's `http`; all of its matches have its name. */
export function writtenRules(object: KubeObject, domain: string): Written[] {
  const { spec, namespace, name, kind } = object;
  return itemsOf(spec.rules)
    .map(fieldsOf)
    .map((rule, index) => {
      const matches = itemsOf(rule.matches).map(fieldsOf);
      const fields: Fields = {
        name: textOf(rule.name) ?? `${namespace}.${name}.${index}`,
        match: (matches.length > 0 ? matches : [{}]).map(kind === "GRPCRoute" ? grpcMatch : httpMatch),
        ...actionOf(rule, namespace, domain),
      };
      return { fields, object, path: `spec.rules[${index}]` };
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
  if (of === undefined && one === undefined) return named("headers", headers);
  const path = `/${of ?? "[^/]+"}/${one ?? ".+"}`;
  const uri =
    type === "RegularExpression" || of === undefined
      ? { regex: path }
      : one === undefined
        ? { prefix: `/${of}/` }
        : { exact: path };
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

function actionOf({ backendRefs, filters }: Fields, namespace: string, domain: string): Fields {
  const all = itemsOf(filters).map(fieldsOf);
  const redirect = all.find(({ type }) => type === "RequestRedirect")?.requestRedirect;
  const mirrors = all.flatMap(({ requestMirror }) => {
    const { backendRef } = fieldsOf(requestMirror);
    return backendRef === undefined
      ? []
      : [{ destination: destinationOf(fieldsOf(backendRef), namespace, domain) }];
  });
  const route = itemsOf(backendRefs)
    .map(fieldsOf)
    .map((ref) => ({
      destination: destinationOf(ref, namespace, domain),
      weight: numberOf(ref.weight) ?? 1,
      ...(itemsOf(ref.filters).length > 0 && { headers: {} }),
    }));
  return {
    ...(redirect === undefined
      ? { route }
      : { redirect: { redirectCode: numberOf(fieldsOf(redirect).statusCode) ?? 302 } }),
    ...(mirrors.length > 0 && { mirrors }),
  };
}

function destinationOf(ref: Fields, own: string, domain: string): Fields {
  const port = numberOf(ref.port);
  return { host: hostOf(ref, own, domain), ...(port !== undefined && { port: { number: port } }) };
}

function hostOf({ kind, namespace, name }: Fields, own: string, domain: string): string {
  const [of, text] = [textOf(namespace) ?? own, textOf(name) ?? ""];
  if (kind === "Hostname") return text;
  return kind === "ServiceImport" ? `${text}.${of}.svc.clusterset.local` : serviceHost(of, text, domain);
}
