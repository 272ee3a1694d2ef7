import type { Policy } from "../../policy/policy.ts";
import { debugHeader } from "./evidence.ts";
import { gatewayHost } from "./gateway.ts";
import type { Plan } from "./plan.ts";
import { virtualHosts } from "./sidecar.ts";
import { any, type Message } from "./types.ts";

/** envoy.config.route.v3.RouteConfiguration of a caller. */
export function routes(plan: Plan, { debug, override }: Pick<Policy, "debug" | "override">): Message {
  const { name, kind, plugin } = plan.caller;
  return any("envoy.config.route.v3.RouteConfiguration", {
    name,
    virtual_hosts: kind === "gateway" ? [gatewayHost(plan)] : virtualHosts(plan),
    // The filter removes the override's header. Where it is not, nobody may send one on to a caller that obeys it.
    ...(override && !plugin && { request_headers_to_remove: [override.header] }),
    ...(debug && plugin && { response_headers_to_add: [debugHeader()] }),
  });
}
