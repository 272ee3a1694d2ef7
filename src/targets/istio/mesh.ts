import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { DestinationRules } from "../../istio/destination-rules.ts";
import { readGatewayRoutes } from "../../istio/gateway-api.ts";
import { readVirtualServices, type VirtualService } from "../../istio/routes.ts";
import { Matcher } from "../../policy/match.ts";
import type { Policy } from "../../policy/policy.ts";
import { SubsetNames } from "./names.ts";
import type { IstioOptions } from "./options.ts";
import { gatewayCallers } from "./plugin/gateways.ts";
import { governedServices, type Governed } from "./services.ts";

/** All that the output is made from. */
export interface Mesh {
  policy: Policy;
  inventory: Inventory;
  options: IstioOptions;
  matcher: Matcher;
  /** As `callers` write them. */
  gateways: readonly string[];
  governed: readonly Governed[];
  rules: DestinationRules;
  virtualServices: readonly VirtualService[];
  names: SubsetNames;
}

export function meshOf(policy: Policy, inventory: Inventory, options: IstioOptions): Mesh {
  const matcher = new Matcher(policy);
  const gateways = gatewayCallers(inventory, options.rootNamespace);
  const rules = new DestinationRules(inventory.destinationRules, policy.clusterDomain, options.rootNamespace);
  return {
    ...{ policy, inventory, options, matcher, gateways, rules },
    governed: governedServices(inventory.services.values(), matcher, policy.override, gateways),
    virtualServices: [
      ...readVirtualServices(inventory.virtualServices, policy.clusterDomain),
      ...readGatewayRoutes(inventory.routes, policy.clusterDomain),
    ],
    names: new SubsetNames(rules.names),
  };
}
