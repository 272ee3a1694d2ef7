import type { Destination, Route } from "../../inventory/model.ts";
import { seedOf } from "./hash.ts";
import { clusterName } from "./names.ts";
import { subsetOf } from "./pins.ts";
import type { Plan } from "./plan.ts";
import { routeAction } from "./route-action.ts";
import type { Target } from "./specifier.ts";
import type { Message } from "./types.ts";

/** The one virtual host of a gateway (envoy.config.route.v3.VirtualHost): every host, the routes in their order. */
export function gatewayHost(plan: Plan): Message {
  const { name, routes } = plan.caller;
  return { name, domains: ["*"], routes: routes.map((route) => routeOf(route, plan)) };
}

function routeOf(route: Route, plan: Plan): Message {
  const { exact, prefix = "/" } = route.match;
  const match = exact === undefined ? { prefix } : { path: exact };
  const [first, ...others] = route.to;
  if (!first) return { match, redirect: redirect(route) };
  const { plugin, name } = plan.caller;
  const targets: [Target, ...Target[]] = [target(first, plan), ...others.map((other) => target(other, plan))];
  const seed = seedOf(`${name} ${exact ?? prefix}`);
  return {
    match,
    route: {
      ...routeAction(targets, plan.clusterDomain, plugin, seed),
      // On a match of the whole path this, too, replaces what was matched, and keeps the query.
      ...(route.rewrite !== undefined && { prefix_rewrite: route.rewrite }),
      ...(route.hostRewrite !== undefined && { host_rewrite_literal: route.hostRewrite }),
      ...mirrors(route, plan),
    },
  };
}

function target({ service, cluster, weight }: Destination, plan: Plan): Target {
  return { service, only: cluster, pins: plan.pins(service), weight };
}

/** envoy.config.route.v3.RedirectAction. */
function redirect({ redirect: { path, host, code } = {} }: Route): Message {
  return {
    ...(host !== undefined && { host_redirect: host }),
    ...(path !== undefined && { path_redirect: path }),
    response_code: REDIRECTS[code ?? 301]!,
  };
}

const REDIRECTS: Record<number, string> = {
  301: "MOVED_PERMANENTLY",
  302: "FOUND",
  303: "SEE_OTHER",
  307: "TEMPORARY_REDIRECT",
  308: "PERMANENT_REDIRECT",
};

/** The route's `request_mirror_policies`: no specifier moves a copy, so the route itself says where it goes. */
function mirrors({ mirror }: Route, plan: Plan): Message {
  if (!mirror) return {};
  const { service, cluster: only, percent } = mirror;
  const pin = plan.mirrorPin(service);
  const subset = pin === undefined ? (only ?? "") : subsetOf(pin, only);
  if (subset === undefined) return {};
  const cluster = clusterName(service, plan.clusterDomain, subset);
  const share = percent < 100 && {
    runtime_fraction: { default_value: { numerator: percent, denominator: "HUNDRED" } },
  };
  return { request_mirror_policies: [{ cluster, ...share }] };
}
