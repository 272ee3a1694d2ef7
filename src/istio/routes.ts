import { fieldsOf, itemsOf, numberOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { resolveHost } from "../inventory/kubernetes/hosts.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { delegated } from "./delegates.ts";
import { MESH, wholeGateway } from "./names.ts";
import { isVisible } from "./visibility.ts";

/** One of the places that a route leads to. */
export interface Leg {
  /** The whole name. */
  host: string;
  /** Undefined: the port on which the request came. */
  port: number | undefined;
  subset: string | undefined;
  weight: number;
  /** It edits headers of its own, which Envoy keeps beside the weight. */
  edits: boolean;
}

/** A route as a proxy gets it: one for each of its matches. */
export interface Route {
  /** Its name in RDS; undefined for one without, which nothing can name. */
  name: string | undefined;
  /** Where its requests go; none for a redirect or a direct response. */
  legs: Leg[];
  /** It has weights, which its owner may change at any time. */
  weighted: boolean;
  /** The hosts that get copies of its requests. */
  mirrors: string[];
  /** The only port that it is for. */
  port: number | undefined;
  /** The gateways that it is for, by their whole names; undefined: all of its resource's. */
  gateways: string[] | undefined;
  /** Every proxy that obeys the resource has it. */
  always: boolean;
  /** Nothing is left for the routes that come after. */
  takesAll: boolean;
  /** The resource that it is written in, and where; undefined for Istio's own. */
  object: KubeObject | undefined;
  path: string;
}

/** A VirtualService, or what Istio makes of a route of the Gateway API. */
export interface VirtualService {
  object: KubeObject;
  /** Whole names, or wildcards. */
  hosts: string[];
  /** Whole names. */
  gateways: string[];
  routes: Route[];
  /** Of the Gateway API: several for one host add up. */
  addsUp: boolean;
}

/** All VirtualServices that have hosts, delegates merged in (mergeVirtualServicesIfNeeded in pilot/pkg/model/virtualservice.go). */
export function readVirtualServices(objects: readonly KubeObject[], domain: string): VirtualService[] {
  const byName = new Map(objects.map((one) => [`${one.namespace}/${one.name}`, one]));
  return objects.flatMap((object) => {
    const hosts = textsOf(object.spec.hosts).map((host) => resolveHost(host, object.namespace, domain));
    if (hosts.length === 0) return [];
    const gateways = textsOf(object.spec.gateways).map((name) => wholeGateway(name, object.namespace));
    return [
      {
        ...{ object, hosts, addsUp: false },
        gateways: gateways.length > 0 ? gateways : [MESH],
        routes: writtenIn(object, byName).flatMap((one) => routesOf(one, domain)),
      },
    ];
  });
}

/** An entry of `spec.http`, and where it is written. */
export interface Written {
  fields: Fields;
  object: KubeObject;
  path: string;
}

/** The entries of a VirtualService; in the place of one that delegates those of the delegate. */
export function writtenIn(object: KubeObject, byName: ReadonlyMap<string, KubeObject>): Written[] {
  return entriesOf(object).flatMap((root) => {
    const { name, namespace } = fieldsOf(root.fields.delegate);
    if (textOf(name) === undefined) return [root];
    const to = byName.get(`${textOf(namespace) ?? object.namespace}/${String(name)}`);
    // One with hosts is a VirtualService by itself, and what its namespace keeps to itself nobody delegates to.
    const isDelegate = to && textsOf(to.spec.hosts).length === 0 && isVisible(to, object.namespace);
    return (isDelegate ? entriesOf(to) : []).flatMap((one) =>
      delegated(root.fields, [one.fields]).map((fields) => ({ ...one, fields })),
    );
  });
}

function entriesOf(object: KubeObject): Written[] {
  return itemsOf(object.spec.http)
    .map(fieldsOf)
    .map((http, index) => {
      const match = itemsOf(http.match)
        .map(fieldsOf)
        .map((one) => withWholeGateways(one, object.namespace));
      return { fields: { ...http, match }, object, path: `spec.http[${index}]` };
    });
}

function withWholeGateways(match: Fields, namespace: string): Fields {
  const gateways = textsOf(match.gateways).map((one) => wholeGateway(one, namespace));
  return gateways.length > 0 ? { ...match, gateways } : match;
}

/** The routes of an entry (BuildHTTPRoutesForVirtualService and TranslateRoute in pilot/pkg/networking/core/route/route.go). */
export function routesOf({ fields, object, path }: Written, domain: string): Route[] {
  const matches = itemsOf(fields.match).map(fieldsOf);
  const forwards = fields.redirect === undefined && fields.directResponse === undefined;
  const legs = forwards ? legsOf(fields, object.namespace, domain) : [];
  const mirrors = [fields.mirror, ...itemsOf(fields.mirrors).map((one) => fieldsOf(one).destination)]
    .map((one) => textOf(fieldsOf(one).host))
    .filter((host) => host !== undefined)
    .map((host) => resolveHost(host, object.namespace, domain));
  return (matches.length > 0 ? matches : [{} as Fields]).map((match, index) => {
    const gateways = textsOf(match.gateways);
    const anyone = match.sourceLabels === undefined && textOf(match.sourceNamespace) === undefined;
    return {
      ...{ legs, mirrors, object },
      weighted: forwards && itemsOf(fields.route).length > 1,
      name: nameOf(textOf(fields.name), textOf(match.name)),
      port: numberOf(match.port) || undefined,
      gateways: gateways.length > 0 ? gateways : undefined,
      always: gateways.length > 0 || anyone,
      takesAll: takesAll(match),
      path: matches.length > 1 ? `${path}.match[${index}]` : path,
    };
  });
}

function nameOf(route: string | undefined, match: string | undefined): string | undefined {
  return match === undefined ? route : `${route ?? ""}.${match}`;
}

/** The destinations with a weight, or the only one (applyHTTPRouteDestination). */
function legsOf(fields: Fields, namespace: string, domain: string): Leg[] {
  const written = itemsOf(fields.route).map(fieldsOf);
  return written
    .map(({ destination, weight, headers }) => {
      const { host, port, subset } = fieldsOf(destination);
      return {
        host: resolveHost(textOf(host) ?? "", namespace, domain),
        port: numberOf(fieldsOf(port).number),
        subset: textOf(subset),
        weight: numberOf(weight) ?? 0,
        edits: headers !== undefined,
      };
    })
    .filter(({ weight }) => written.length === 1 || weight > 0)
    .map((leg) => (written.length === 1 ? { ...leg, weight: 1, edits: false } : leg));
}

/** Whether no request is left for the routes that come after (IsCatchAllRoute in pilot/pkg/networking/core/route/route.go). */
export function takesAll(match: Fields): boolean {
  const asked = ["headers", "withoutHeaders", "queryParams", "method", "authority", "scheme"];
  if (asked.some((field) => match[field] !== undefined)) return false;
  const { prefix, regex } = fieldsOf(match.uri);
  return match.uri === undefined || prefix === "/" || regex === ".*";
}

/** `VirtualService default/reviews, spec.http[0]`. */
export function placeOf({ object, path }: Route): string {
  return object === undefined ? path : `${titleOf(object)}, ${path}`;
}
