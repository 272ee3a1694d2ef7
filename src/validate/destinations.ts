import { fieldsOf, itemsOf, numberOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { resolveHost, serviceHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { MESH } from "../istio/names.ts";

/** A place that a route leads to, as its owner wrote it. */
export interface Destination {
  object: KubeObject;
  /** Of the destination in the object. */
  path: string;
  /** As written. */
  text: string;
  /** The whole name. */
  host: string;
  port: number | undefined;
  /** The ports on which requests come to the route, where the destination has none of its own and all of them are known. */
  from: number[];
  subset: string | undefined;
  /** What becomes of the requests where there is no such place. */
  outcome: string;
}

const ANSWERED = "every request on this route is answered with 503";
const CUT = "every connection on this route is cut";
const UNSENT = "no copy is sent";
const REFUSED = "every request on this route is answered with 500";

/** All destinations of VirtualServices and of routes of the Gateway API. */
export function destinationsIn(inventory: Inventory, domain: string): Destination[] {
  const roots = new Map<string, KubeObject[]>();
  for (const object of inventory.virtualServices)
    for (const name of delegatesOf(object))
      if (name !== "") roots.set(name, [...(roots.get(name) ?? []), object]);
  return [
    ...inventory.virtualServices.flatMap((object) => {
      const from = portsOf(object, roots, inventory, domain);
      return writtenIn(object).map(({ path, fields, outcome }) => {
        const text = textOf(fields.host) ?? "";
        return {
          ...{ object, path, text, outcome, from },
          host: resolveHost(text, object.namespace, domain),
          port: numberOf(fieldsOf(fields.port).number),
          subset: textOf(fields.subset),
        };
      });
    }),
    ...inventory.routes.flatMap((object) => backendsIn(object, domain)),
  ];
}

/** The ports of a VirtualService's hosts, where it is for sidecars alone and all of these are services; of a delegate those of its roots. */
function portsOf(
  object: KubeObject,
  roots: ReadonlyMap<string, readonly KubeObject[]>,
  inventory: Inventory,
  domain: string,
): number[] {
  const { spec, namespace, name } = object;
  if (textsOf(spec.gateways).some((one) => one !== MESH)) return [];
  const hosts = textsOf(spec.hosts).map((host) =>
    inventory.services.get(resolveHost(host, namespace, domain)),
  );
  const ports = hosts.map(
    (one) => one?.ports.filter(({ kind }) => kind !== "not-http").map(({ number }) => number) ?? [],
  );
  if (hosts.length === 0)
    for (const root of roots.get(`${namespace}/${name}`) ?? [])
      if (root.spec.hosts !== undefined) ports.push(portsOf(root, roots, inventory, domain));
  return ports.every((some) => some.length > 0) ? ports.flat() : [];
}

/** For each entry of a VirtualService the one that it delegates to, by `namespace/name`; "" for one that does not. */
export function delegatesOf({ spec, namespace }: KubeObject): string[] {
  return itemsOf(spec.http).map((http) => {
    const { name, namespace: of } = fieldsOf(fieldsOf(http).delegate);
    return textOf(name) === undefined ? "" : `${textOf(of) ?? namespace}/${String(name)}`;
  });
}

type Written = { path: string; fields: Fields; outcome: string };

function writtenIn({ spec }: KubeObject): Written[] {
  const each = (list: unknown, at: string, take: (fields: Fields, path: string) => Written[]): Written[] =>
    itemsOf(list).flatMap((item, index) => take(fieldsOf(item), `${at}[${index}]`));
  const inner = (outcome: string) => (item: Fields, at: string) => [
    { path: `${at}.destination`, fields: fieldsOf(item.destination), outcome },
  ];
  return [
    ...each(spec.http, "spec.http", ({ route, mirror, mirrors }, path) => [
      ...each(route, `${path}.route`, inner(ANSWERED)),
      ...(mirror === undefined
        ? []
        : [{ path: `${path}.mirror`, fields: fieldsOf(mirror), outcome: UNSENT }]),
      ...each(mirrors, `${path}.mirrors`, inner(UNSENT)),
    ]),
    ...(["tcp", "tls"] as const).flatMap((kind) =>
      each(spec[kind], `spec.${kind}`, ({ route }, path) => each(route, `${path}.route`, inner(CUT))),
    ),
  ];
}

/** Services that a rule of an HTTPRoute or GRPCRoute leads to. */
function backendsIn(object: KubeObject, domain: string): Destination[] {
  return itemsOf(object.spec.rules).flatMap((rule, index) =>
    itemsOf(fieldsOf(rule).backendRefs)
      .map(fieldsOf)
      .flatMap(({ kind = "Service", group = "", namespace, name, port }, number) => {
        if (kind !== "Service" || group !== "") return [];
        const text = textOf(name) ?? "";
        return [
          {
            ...{ object, path: `spec.rules[${index}].backendRefs[${number}]`, text, outcome: REFUSED },
            host: serviceHost(textOf(namespace) ?? object.namespace, text, domain),
            ...{ port: numberOf(port), from: [], subset: undefined },
          },
        ];
      }),
  );
}

/** The path of a destination's field, as its kind of route writes it. */
export function fieldOf({ object, path }: Destination, field: "host" | "port" | "subset"): string {
  const [host, port] = object.kind === "VirtualService" ? ["host", "port.number"] : ["name", "port"];
  return `${path}.${field === "host" ? host : field === "port" ? port : field}`;
}
