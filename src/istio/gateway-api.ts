import { fieldsOf, itemsOf, numberOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { serviceHost } from "../inventory/kubernetes/hosts.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { MESH } from "./names.ts";
import type { Leg, Route, VirtualService } from "./routes.ts";

/**
 * What Istio makes of HTTPRoutes and GRPCRoutes (convertHTTPRoute and convertGRPCRoute in
 * pilot/pkg/config/kube/gateway/conversion.go): a VirtualService for the services that they name as parents, and one for the
 * Gateways.
 */
export function readGatewayRoutes(routes: readonly KubeObject[], domain: string): VirtualService[] {
  return routes.flatMap((object) => {
    const rules = itemsOf(object.spec.rules).map(fieldsOf);
    const read = rules.flatMap((rule, index) => routesOf(rule, index, object, domain));
    const parents = itemsOf(object.spec.parentRefs).map(fieldsOf);
    const services = parents.filter(({ kind }) => kind === "Service");
    const gateways = parents.filter(({ kind }) => kind === undefined || kind === "Gateway");
    const hostnames = textsOf(object.spec.hostnames).map((host) => host.toLowerCase());
    return [
      ...services.map((parent) => ({
        ...{ object, gateways: [MESH], routes: read.map((one) => forPort(one, parent)), addsUp: true },
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

function forPort(route: Route, { port }: Fields): Route {
  return { ...route, port: numberOf(port) };
}

/** Each match of a rule is a route; all have the rule's name. */
function routesOf(rule: Fields, index: number, object: KubeObject, domain: string): Route[] {
  const filters = itemsOf(rule.filters).map(fieldsOf);
  const redirects = filters.some(({ type }) => type === "RequestRedirect");
  const written = itemsOf(rule.backendRefs).map(fieldsOf);
  const legs = redirects ? [] : written.map((ref) => legOf(ref, object.namespace, domain));
  const some = legs.filter(({ weight }) => weight > 0);
  const mirrors = filters.flatMap(({ requestMirror }) => {
    const { backendRef } = fieldsOf(requestMirror);
    return backendRef === undefined ? [] : [hostOf(fieldsOf(backendRef), object.namespace, domain)];
  });
  const route: Route = {
    ...{ object, mirrors, always: true, takesAll: false, gateways: undefined, port: undefined },
    weighted: written.length > 1,
    name: textOf(rule.name) ?? `${object.namespace}.${object.name}.${index}`,
    legs: legs.length === 1 && some.length === 1 ? [{ ...some[0]!, weight: 1, edits: false }] : some,
    path: `spec.rules[${index}]`,
  };
  return [route];
}

function legOf(ref: Fields, namespace: string, domain: string): Leg {
  return {
    host: hostOf(ref, namespace, domain),
    port: numberOf(ref.port),
    subset: undefined,
    weight: numberOf(ref.weight) ?? 1,
    edits: itemsOf(ref.filters).length > 0,
  };
}

function hostOf({ namespace, name }: Fields, own: string, domain: string): string {
  return serviceHost(textOf(namespace) ?? own, textOf(name) ?? "", domain);
}
