import { hostOf, type Caller, type Service } from "../../inventory/model.ts";
import { clusterName } from "./names.ts";
import { routeAction } from "./route-action.ts";
import type { Message } from "./types.ts";

/** The port that a Host header without one means (RFC 9110, section 4.2.1). */
const HTTP = 80;

/**
 * The virtual hosts of a sidecar (envoy.config.route.v3.VirtualHost): one for each port of each service. A host that
 * is none of them gets Envoy's 404.
 */
export function virtualHosts(
  { namespace }: Caller,
  services: readonly Service[],
  clusterDomain: string,
): Message[] {
  const bare = new Map<string, Service>();
  for (const service of services) {
    const host = hostOf(service, clusterDomain);
    if (!bare.has(host) || service.port === HTTP) bare.set(host, service);
  }
  return services.map((service) => {
    const name = clusterName(service, clusterDomain);
    const names = namesOf(service, namespace, clusterDomain);
    const withPort = names.map((name) => `${name}:${service.port}`);
    const route = { match: { prefix: "/" }, route: routeAction(service, clusterDomain) };
    const isBare = bare.get(hostOf(service, clusterDomain)) === service;
    return { name, domains: isBare ? [...names, ...withPort] : withPort, routes: [route] };
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
