import { covers } from "../inventory/kubernetes/hosts.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { fieldsOf, itemsOf, textOf, textsOf } from "../input/loose.ts";
import { resolveHost } from "../inventory/kubernetes/hosts.ts";
import { type KubeObject } from "../inventory/kubernetes/object.ts";
import { callersOf, commonHosts, serversOf, type Server } from "../istio/gateways.ts";
import { wholeGateway } from "../istio/names.ts";
import { byAge, isVisible } from "../istio/visibility.ts";
import { admitsCaller, type CallerFacts } from "../policy/conditions.ts";
import { gatewayApiRoutes } from "./gateway-api.ts";
import type { IstioProxy } from "./istio-match.ts";
import type { Mesh } from "./istio-resources.ts";
import type { Routed } from "./istio-routes.ts";
import { routesOf, takesAll } from "./istio-virtual-services.ts";
import type { ProxyRoute } from "./proxy-route.ts";

/** The Gateways that a caller serves; none where it is no gateway. */
export function gatewaysOf(caller: CallerFacts, inventory: Inventory): KubeObject[] {
  return [...inventory.gateways, ...inventory.kubeGateways].filter((gateway) => {
    const callers = callersOf(gateway, inventory);
    return callers.length > 0 && admitsCaller({ callers }, caller);
  });
}

/** The routes of a gateway for a host (pilot/pkg/networking/core/gateway.go, buildGatewayHTTPRouteConfig). */
export function gatewayRouted(
  host: { name: string; port: number | undefined },
  caller: Pick<IstioProxy, "cluster" | "labels"> & { namespace: string },
  gateways: readonly KubeObject[],
  mesh: Mesh,
): Routed {
  const { policy, inventory } = mesh;
  const domain = policy.clusterDomain;
  const all = gateways.flatMap(serversOf);
  const ports = [...new Set(all.map(({ port }) => port))];
  const port = ports.find((one) => one === host.port) ?? ports.find((one) => one === 80) ?? ports[0] ?? 80;
  const servers = all.filter((one) => one.port === port);
  const names = new Set(servers.map(({ name }) => name));
  const attached = inventory.routes.filter((one) => servers.some((server) => isAttached(one, server)));
  const labels = {
    ...Object.assign({}, ...gateways.map(({ spec }) => fieldsOf(spec.selector))),
    ...caller.labels,
  } as Record<string, string>;
  const proxy: IstioProxy = { ...caller, labels, gateways: names, port };
  const hosts = virtualHosts(servers, mesh.virtualServices, attached, proxy, domain);
  const found = hosts.has(host.name) ? host.name : wildest([...hosts.keys()], host.name);
  const routes = found === undefined ? [] : hosts.get(found)!;
  const redirects = servers.some(({ fields }) => fieldsOf(fields.tls).httpsRedirect === true);
  return {
    ...mesh.configured(proxy, "GATEWAY"),
    // Only a gateway without any route has a virtual host for all others.
    virtualHost: found === undefined && hosts.size > 0 ? undefined : `${found ?? "blackhole"}:${port}`,
    routes: [...routes.filter((one) => !takesAll(one)), ...routes.filter(takesAll)],
    host: host.name,
    notes: [
      ...(ports.length > 1
        ? [`the gateway has the ports ${ports.join(", ")}; the request is taken to come to ${port}`]
        : []),
      ...(redirects ? [`not known: whether the request comes by HTTPS, which the gateway redirects to`] : []),
    ],
  };
}

/** The routes by host: VirtualServices for the same host add up, and so do routes of the Gateway API. */
function virtualHosts(
  servers: readonly Server[],
  services: readonly KubeObject[],
  attached: readonly KubeObject[],
  proxy: IstioProxy,
  domain: string,
): Map<string, ProxyRoute[]> {
  const hosts = new Map<string, ProxyRoute[]>();
  const add = (host: string, routes: readonly ProxyRoute[]) =>
    hosts.set(host, [...(hosts.get(host) ?? []), ...routes]);
  for (const server of servers) {
    for (const service of services) {
      if (!gatewaysIn(service).includes(server.name) || !isVisible(service, proxy.namespace ?? "")) continue;
      const routes = routesOf(service, services, { ...proxy, gateways: new Set([server.name]) });
      const wanted = textsOf(service.spec.hosts).map((one) => resolveHost(one, service.namespace, domain));
      if (routes.length === 0) continue;
      for (const host of commonHosts(server, { hosts: wanted, object: service })) add(host, routes);
    }
    const byHost = new Map<string, KubeObject[]>();
    for (const object of attached.filter((one) => isAttached(one, server)).sort(byAge)) {
      const named = textsOf(object.spec.hostnames).map((one) => one.toLowerCase());
      for (const host of commonHosts(server, { hosts: named.length > 0 ? named : ["*"], object }))
        byHost.set(host, [...(byHost.get(host) ?? []), object]);
    }
    for (const [host, objects] of byHost) add(host, gatewayApiRoutes(objects, domain));
  }
  return hosts;
}

/** Whether a route of the Gateway API names the Gateway, and the listener where it names one. */
function isAttached({ spec, namespace }: KubeObject, { name, fields }: Server): boolean {
  return itemsOf(spec.parentRefs)
    .map(fieldsOf)
    .some(
      (ref) =>
        (ref.kind ?? "Gateway") === "Gateway" &&
        `${textOf(ref.namespace) ?? namespace}/${String(ref.name)}` === name &&
        (ref.sectionName ?? fields.name) === fields.name,
    );
}

/** Of the wildcards that stand for a host the longest. */
function wildest(hosts: readonly string[], host: string): string | undefined {
  const found = hosts.filter((one) => one.startsWith("*") && covers(one, host));
  return found.sort((a, b) => b.length - a.length)[0];
}

function gatewaysIn({ spec, namespace }: Pick<KubeObject, "spec" | "namespace">): string[] {
  return textsOf(spec.gateways).map((name) => wholeGateway(name, namespace));
}
