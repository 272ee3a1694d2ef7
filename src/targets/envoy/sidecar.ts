import { hostOf, type Service } from "../../inventory/model.ts";
import { authorityOf } from "./names.ts";
import type { Plan } from "./plan.ts";
import { routeAction } from "./route-action.ts";
import type { Message } from "./types.ts";

/** The port that a Host header without one means (RFC 9110, section 4.2.1). */
const HTTP = 80;

/**
 * The virtual hosts of a sidecar (envoy.config.route.v3.VirtualHost): one for each port of each service. A host that
 * is none of them gets Envoy's 404.
 */
export function virtualHosts({ caller, services, clusterDomain, pins }: Plan): Message[] {
  return domainsOf(caller.namespace, services, clusterDomain).map(({ service, domains }) => {
    const action = routeAction([{ service, pins: pins(service) }], clusterDomain, caller.plugin);
    const route = { match: { prefix: "/" }, route: action };
    return { name: authorityOf(service, clusterDomain), domains, routes: [route] };
  });
}

/** The service that a sidecar in the namespace finds by a Host header; undefined where it has no virtual host for it. */
export function serviceAt(
  host: string,
  namespace: string,
  services: readonly Service[],
  clusterDomain: string,
): Service | undefined {
  const name = host.toLowerCase();
  // Every name of a service begins with its own.
  const own = name.split(/[.:]/, 1)[0]!;
  const named = services.filter((service) => service.name === own);
  return domainsOf(namespace, named, clusterDomain).find(({ domains }) => domains.includes(name))?.service;
}

/** By what each port of each service is called. */
function domainsOf(
  namespace: string,
  services: readonly Service[],
  clusterDomain: string,
): { service: Service; domains: string[] }[] {
  const bare = new Map<string, Service>();
  for (const service of services) {
    const host = hostOf(service, clusterDomain);
    if (!bare.has(host) || service.port === HTTP) bare.set(host, service);
  }
  return services.map((service) => {
    const names = namesOf(service, namespace, clusterDomain);
    const withPort = names.map((name) => `${name}:${service.port}`);
    const isBare = bare.get(hostOf(service, clusterDomain)) === service;
    return { service, domains: isBare ? [...names, ...withPort] : withPort };
  });
}

/** What callers of a namespace may call a service, as Kubernetes' search domains have it. */
function namesOf({ namespace, name }: Service, callerNamespace: string, clusterDomain: string): string[] {
  const forms = [
    `${name}.${namespace}`,
    `${name}.${namespace}.svc`,
    hostOf({ namespace, name }, clusterDomain),
  ];
  return namespace === callerNamespace ? [name, ...forms] : forms;
}
