import { fieldsOf, itemsOf, numberOf, textOf } from "../input/loose.ts";
import { HostIndex } from "../inventory/kubernetes/host-index.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { portKind } from "../inventory/kubernetes/protocol.ts";
import { commonHosts, serversOf } from "./gateways.ts";
import { DEFAULT_ROUTE, envoyCluster, MESH, virtualHostName } from "./names.ts";
import type { Leg, Route, VirtualService } from "./routes.ts";
import { byAge, exportedTo } from "./visibility.ts";

/** A virtual host that some proxies have, with all the routes that any of them may have in it. */
export interface VirtualHost {
  name: string;
  routes: readonly Route[];
  /** The Envoy cluster of a leg. */
  clusterOf: (leg: Leg, subset?: string) => string;
  /** The service whose own route, called `default`, proxies have where no VirtualService is for them. */
  service: string | undefined;
  port: number;
}

/** VirtualServices by the hosts that they are for, and those of which Istio obeys none of the routes. */
export class VirtualServices {
  private readonly index: HostIndex<VirtualService>;
  /** By host, those that are not obeyed, and the one that is. */
  readonly passedOver = new Map<string, { winner: KubeObject; losers: KubeObject[] }>();

  constructor(all: readonly VirtualService[]) {
    const sorted = [...all]
      .filter(({ gateways }) => gateways.includes(MESH))
      .sort((a, b) => byAge(a.object, b.object));
    this.index = new HostIndex(sorted.flatMap((one) => one.hosts.map((host) => [host, one] as const)));
  }

  /**
   * Those by which some sidecar may route a host, in Istio's order: what few namespaces see first, then the oldest; after one
   * that every sidecar obeys none counts (SelectVirtualServices in pilot/pkg/model/virtualservice.go,
   * BuildSidecarVirtualHostWrapper in pilot/pkg/networking/core/route/route.go).
   */
  for(host: string, port: number): { services: VirtualService[]; everyone: boolean } {
    const exact = this.index.exact(host);
    const found = exact.length > 0 ? exact : this.widest(host);
    if (found.length === 0) return NONE;
    const few = found.filter(({ object }) => exportedTo(object) !== undefined);
    const all = found.filter(({ object }) => exportedTo(object) === undefined);
    const at = all.findIndex(
      (one) => !one.addsUp && one.routes.some((route) => isForSidecars(route, port) && route.always),
    );
    if (at < 0) return { services: [...few, ...all], everyone: false };
    const losers = all.slice(at + 1).filter(({ addsUp }) => !addsUp);
    if (losers.length > 0)
      this.passedOver.set(host, { winner: all[at]!.object, losers: losers.map(({ object }) => object) });
    return { services: [...few, ...all.slice(0, at + 1)], everyone: true };
  }

  private widest(host: string): VirtualService[] {
    const covering = this.index.covering(host);
    const lengthOf = ({ hosts }: VirtualService) =>
      Math.max(
        ...hosts.filter((one) => one.startsWith("*") && host.endsWith(one.slice(1))).map((one) => one.length),
      );
    const longest = Math.max(...covering.map(lengthOf));
    return covering.filter((one) => lengthOf(one) === longest);
  }

  /** The hosts that are no service of the mesh's. */
  hosts(): Iterable<string> {
    return this.index.names();
  }
}

const NONE = { services: [], everyone: false };

function isForSidecars(route: Route, port: number): boolean {
  return (route.port === undefined || route.port === port) && (route.gateways?.includes(MESH) ?? true);
}

/**
 * The virtual hosts of sidecars: for each service and port of HTTP, and on port 80 for each host that a VirtualService adds
 * (BuildSidecarOutboundVirtualHosts in pilot/pkg/networking/core/httproute.go).
 */
export function* sidecarVirtualHosts(
  { services, serviceEntries }: Pick<Inventory, "services" | "serviceEntries">,
  virtualServices: VirtualServices,
): Generator<VirtualHost> {
  for (const { host, ports, external } of services.values()) {
    if (external) continue;
    for (const { number, kind } of ports)
      if (kind !== "not-http") yield virtualHost(host, number, virtualServices, host, services);
  }
  for (const [host, entry] of serviceEntries)
    for (const port of httpPorts(entry)) yield virtualHost(host, port, virtualServices, undefined, services);
  for (const host of virtualServices.hosts()) {
    if (host.startsWith("*") || services.has(host) || serviceEntries.has(host)) continue;
    yield virtualHost(host, 80, virtualServices, undefined, services);
  }
}

function httpPorts({ spec }: KubeObject): number[] {
  return itemsOf(spec.ports)
    .map(fieldsOf)
    .filter((port) => {
      const protocol = textOf(port.protocol) ?? textOf(port.name) ?? "";
      return portKind(protocol.toLowerCase(), Number(port.number)) !== "not-http";
    })
    .flatMap((port) => numberOf(port.number) ?? []);
}

function virtualHost(
  host: string,
  port: number,
  virtualServices: VirtualServices,
  service: string | undefined,
  services: Inventory["services"],
): VirtualHost {
  const { services: found, everyone } = virtualServices.for(host, port);
  const routes = found.flatMap((one) => reachable(one.routes.filter((route) => isForSidecars(route, port))));
  // Where a VirtualService is for every sidecar none has it, until that one goes.
  const taken = everyone && routes.some(({ name }) => name === DEFAULT_ROUTE);
  if (service !== undefined && !taken) routes.push(defaultRoute(service, port));
  const clusterOf = (leg: Leg, subset = leg.subset) =>
    envoyCluster(concrete(leg.host, services), leg.port ?? port, subset);
  return { name: virtualHostName(host, port), routes, clusterOf, service, port };
}

/** The route to a service that no VirtualService is for (BuildDefaultHTTPOutboundRoute). */
function defaultRoute(host: string, port: number): Route {
  return {
    name: DEFAULT_ROUTE,
    legs: [{ host, port, subset: undefined, weight: 1, edits: false }],
    ...{ weighted: false, mirrors: [], port: undefined, gateways: undefined, always: true, takesAll: true },
    ...{ object: undefined, path: DEFAULT_ROUTE },
  };
}

/** An ExternalName that points to a service is another name for it (GetDestinationCluster). */
function concrete(host: string, services: Inventory["services"]): string {
  return services.get(host)?.externalName ?? host;
}

/** Up to the first route that leaves nothing to those after it. */
function reachable(routes: readonly Route[]): Route[] {
  const last = routes.findIndex(
    ({ always, takesAll, gateways }) => always && takesAll && gateways === undefined,
  );
  return last < 0 ? [...routes] : routes.slice(0, last + 1);
}

/** The virtual hosts of gateways (buildGatewayHTTPRouteConfig in pilot/pkg/networking/core/gateway.go). */
export function gatewayVirtualHosts(
  gateways: readonly KubeObject[],
  all: readonly VirtualService[],
  services: Inventory["services"],
): VirtualHost[] {
  const hosts = new Map<string, VirtualHost & { routes: Route[] }>();
  for (const server of gateways.flatMap(serversOf)) {
    const { name: gateway, port } = server;
    const bound = all.filter((one) => one.gateways.includes(gateway));
    for (const service of bound.sort((a, b) => byAge(a.object, b.object))) {
      for (const host of commonHosts(server, service)) {
        const name = virtualHostName(host, port);
        const clusterOf = (leg: Leg, subset = leg.subset) => {
          const ports = services.get(leg.host)?.ports;
          const only = ports?.length === 1 ? ports[0]!.number : port;
          return envoyCluster(concrete(leg.host, services), leg.port ?? only, subset);
        };
        const known = hosts.get(name) ?? { name, routes: [], clusterOf, service: undefined, port };
        hosts.set(name, known);
        known.routes.push(...service.routes.filter((route) => route.gateways?.includes(gateway) ?? true));
      }
    }
  }
  return [...hosts.values()];
}
