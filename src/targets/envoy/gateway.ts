import { serviceKey, type Caller, type Service } from "../../inventory/model.ts";
import type { Route } from "../../inventory/schema.ts";
import { CLUSTER_KEY, LB } from "./names.ts";
import { routeAction } from "./route-action.ts";
import type { Message } from "./types.ts";

/** The services that a gateway's routes lead to, each once. */
export function routedServices({ routes }: Caller, services: readonly Service[]): Service[] {
  const routed = new Set(routes.map((route) => routedService(route, services)));
  return services.filter((service) => routed.has(service));
}

/** The one virtual host of a gateway (envoy.config.route.v3.VirtualHost): every host, the routes in their order. */
export function gatewayHost(caller: Caller, services: readonly Service[], clusterDomain: string): Message {
  const routes = caller.routes.map((route) =>
    routeOf(route, routeAction(routedService(route, services), clusterDomain)),
  );
  return { name: caller.name, domains: ["*"], routes };
}

function routeOf({ match, rewrite, cluster }: Route, action: Message): Message {
  return {
    match: match.exact === undefined ? { prefix: match.prefix ?? "/" } : { path: match.exact },
    route: {
      ...action,
      // On a match of the whole path this, too, replaces what was matched, and keeps the query.
      ...(rewrite !== undefined && { prefix_rewrite: rewrite }),
      ...(cluster !== undefined && {
        metadata_match: { filter_metadata: { [LB]: { [CLUSTER_KEY]: cluster } } },
      }),
    },
  };
}

/** The service that a checked route names. */
export function routedService({ service: name, port }: Route, services: readonly Service[]): Service {
  const service = services.find(
    (service) =>
      serviceKey(`${service.namespace}/${service.name}`, service.port) ===
      serviceKey(name, port ?? service.port),
  );
  if (!service) throw new Error(`no such service: ${name}`);
  return service;
}
