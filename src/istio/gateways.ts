import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { covers } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import type { VirtualService } from "./routes.ts";

/** A server of a Gateway that takes HTTP requests. */
export interface Server {
  gateway: KubeObject;
  /** The gateway's whole name. */
  name: string;
  port: number;
  hosts: string[];
  fields: Fields;
}

/** The servers of a Gateway: Istio's, or the listeners of the Gateway API's. */
export function serversOf(gateway: KubeObject): Server[] {
  const name = `${gateway.namespace}/${gateway.name}`;
  if (!gateway.apiVersion.startsWith("networking.istio.io/")) {
    return itemsOf(gateway.spec.listeners)
      .map(fieldsOf)
      .map((fields) => ({
        ...{ gateway, name, fields, port: Number(fields.port) },
        hosts: [textOf(fields.hostname) ?? "*"],
      }));
  }
  return itemsOf(gateway.spec.servers)
    .map(fieldsOf)
    .filter(isHttp)
    .map((fields) => ({
      ...{ gateway, name, fields, port: Number(fieldsOf(fields.port).number) },
      hosts: textsOf(fields.hosts),
    }));
}

function isHttp({ port, tls }: Fields): boolean {
  const protocol = (textOf(fieldsOf(port).protocol) ?? "").toUpperCase();
  if (protocol === "HTTPS") return !["PASSTHROUGH", "AUTO_PASSTHROUGH"].includes(String(fieldsOf(tls).mode));
  return ["HTTP", "HTTP2", "GRPC", "GRPC-WEB"].includes(protocol);
}

/**
 * The hosts that a server and a VirtualService have in common, the narrower one of each pair (NamesForNamespace and
 * Intersection in pkg/config/host/names.go).
 */
export function commonHosts(
  { hosts, gateway }: Server,
  { hosts: wanted, object }: Pick<VirtualService, "hosts" | "object">,
): Set<string> {
  const served = hosts.flatMap((written) => {
    const [from, host] = written.includes("/") ? (written.split("/", 2) as [string, string]) : ["*", written];
    const home = from === "." ? gateway.namespace : from;
    return home === "*" || home === object.namespace ? [host.toLowerCase()] : [];
  });
  const pairs = served.flatMap((host) => wanted.map((other) => [host, other] as const));
  return new Set(
    pairs.flatMap(([host, other]) => (covers(host, other) ? [other] : covers(other, host) ? [host] : [])),
  );
}

/**
 * The proxies of a Gateway as a policy's `callers` write them: the services that select the same pods, or what Istio runs for
 * one of the Gateway API. None where that says nothing.
 */
export function callersOf(
  { apiVersion, namespace, name, spec }: KubeObject,
  { services }: Pick<Inventory, "services">,
): string[] {
  if (!apiVersion.startsWith("networking.istio.io/")) return [`${namespace}/${name}-istio*`];
  const selector = Object.entries(fieldsOf(spec.selector));
  if (selector.length === 0) return [];
  return [...services.values()]
    .filter((service) => selector.every(([key, value]) => service.selector[key] === value))
    .map((service) => `${service.namespace}/${service.name}*`);
}
