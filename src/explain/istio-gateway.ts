import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { type KubeObject } from "../inventory/kubernetes/object.ts";
import { admitsCaller, type CallerFacts } from "../policy/conditions.ts";
import type { Policy } from "../policy/policy.ts";
import { callersOf } from "../istio/gateways.ts";
import { wholeGateway } from "../istio/names.ts";
import type { IstioProxy } from "./istio-match.ts";
import { isVisible, resourcesFor, type Resource } from "./istio-resources.ts";
import type { Routed } from "./istio-routes.ts";
import { routesOf, takesAll, type ProxyRoute } from "./istio-virtual-services.ts";

/** The Gateways that a caller serves, by the services that select what it runs; none where it is no gateway. */
export function gatewaysOf(caller: CallerFacts, inventory: Inventory): KubeObject[] {
  return inventory.gateways.filter((gateway) => {
    const callers = callersOf(gateway, inventory);
    return callers.length > 0 && admitsCaller({ callers }, caller);
  });
}

/** A server of a Gateway. */
interface Server {
  gateway: KubeObject;
  name: string;
  port: number;
  hosts: string[];
  fields: Fields;
}

/** The routes of a gateway for a host (pilot/pkg/networking/core/gateway.go, buildGatewayHTTPRouteConfig). */
export function gatewayRouted(
  host: { name: string; port: number | undefined },
  caller: Pick<IstioProxy, "cluster" | "labels"> & { namespace: string },
  gateways: readonly KubeObject[],
  policy: Policy,
  inventory: Inventory,
): Routed {
  const all = gateways.flatMap(serversOf);
  const ports = [...new Set(all.map(({ port }) => port))];
  const port = ports.find((one) => one === host.port) ?? ports.find((one) => one === 80) ?? ports[0] ?? 80;
  const servers = all.filter((one) => one.port === port);
  const names = new Set(servers.map(({ name }) => name));
  const near = inventory.virtualServices.filter((one) => gatewaysIn(one).some((name) => names.has(name)));
  const resources = resourcesFor(inventory, near);
  const labels = {
    ...Object.assign({}, ...gateways.map(({ spec }) => fieldsOf(spec.selector))),
    ...caller.labels,
  } as Record<string, string>;
  const proxy: IstioProxy = { ...caller, labels, gateways: names, port };
  const hosts = virtualHosts(servers, resources.virtualServices, proxy, policy.clusterDomain);
  const found = hosts.has(host.name) ? host.name : wildest([...hosts.keys()], host.name);
  const routes = found === undefined ? [] : hosts.get(found)!;
  const redirects = servers.some(({ fields }) => fieldsOf(fields.tls).httpsRedirect === true);
  return {
    ...{ policy, inventory, proxy, resources },
    virtualHost: `${found ?? "blackhole"}:${port}`,
    routes: [...routes.filter((one) => !takesAll(one)), ...routes.filter(takesAll)],
    host: host.name,
    notes: [
      ...resources.notes,
      ...(ports.length > 1
        ? [`the gateway has the ports ${ports.join(", ")}; the request is taken to come to ${port}`]
        : []),
      ...(redirects ? [`not known: whether the request comes by HTTPS, which the gateway redirects to`] : []),
    ],
  };
}

/** The routes by host: VirtualServices for the same host add up. */
function virtualHosts(
  servers: readonly Server[],
  services: readonly Resource[],
  proxy: IstioProxy,
  domain: string,
): Map<string, ProxyRoute[]> {
  const hosts = new Map<string, ProxyRoute[]>();
  for (const server of servers) {
    for (const service of services) {
      if (!gatewaysIn(service).includes(server.name) || !isVisible(service, proxy.namespace ?? "")) continue;
      const routes = routesOf(service, services, { ...proxy, gateways: new Set([server.name]) });
      if (routes.length === 0) continue;
      for (const host of shared(server, service, domain))
        hosts.set(host, [...(hosts.get(host) ?? []), ...routes]);
    }
  }
  return hosts;
}

/** The hosts that a server and a VirtualService have in common, the narrower one of each pair. */
function shared({ hosts, gateway }: Server, { spec, namespace }: Resource, domain: string): Set<string> {
  const served = hosts.flatMap((written) => {
    const [from, host] = written.includes("/") ? (written.split("/", 2) as [string, string]) : ["*", written];
    const home = from === "." ? gateway.namespace : from;
    return home === "*" || home === namespace ? [host.toLowerCase()] : [];
  });
  const wanted = textsOf(spec.hosts).map((one) => resolveHost(one, namespace, domain));
  const pairs = served.flatMap((host) => wanted.map((other) => [host, other] as const));
  return new Set(
    pairs.flatMap(([host, other]) => (covers(host, other) ? [other] : covers(other, host) ? [host] : [])),
  );
}

/** Of the wildcards that stand for a host the longest. */
function wildest(hosts: readonly string[], host: string): string | undefined {
  const found = hosts.filter((one) => one.startsWith("*") && covers(one, host));
  return found.sort((a, b) => b.length - a.length)[0];
}

function serversOf(gateway: KubeObject): Server[] {
  return itemsOf(gateway.spec.servers)
    .map(fieldsOf)
    .filter((fields) => isHttp(fields))
    .map((fields) => ({
      ...{ gateway, fields, name: `${gateway.namespace}/${gateway.name}` },
      port: Number(fieldsOf(fields.port).number),
      hosts: textsOf(fields.hosts),
    }));
}

function isHttp({ port, tls }: Fields): boolean {
  const protocol = (textOf(fieldsOf(port).protocol) ?? "").toUpperCase();
  if (protocol === "HTTPS") return !["PASSTHROUGH", "AUTO_PASSTHROUGH"].includes(String(fieldsOf(tls).mode));
  return ["HTTP", "HTTP2", "GRPC", "GRPC-WEB"].includes(protocol);
}

function gatewaysIn({ spec, namespace }: Pick<KubeObject, "spec" | "namespace">): string[] {
  return textsOf(spec.gateways).map((name) => wholeGateway(name, namespace));
}
