import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { compilePolicy } from "../../policy/compile.ts";
import { PIN_HEADERS } from "../../policy/extras.ts";
import type { PluginConfigInput } from "../../policy/plugin-config.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Governed } from "./governed.ts";
import { gatewayCallers, withoutGateways } from "./gateways.ts";
import type { IstioOptions } from "./options.ts";
import { UniformNames } from "./uniform-names.ts";

/** The header that the routes of `--routing virtual-service` match. */
export const HEADER = PIN_HEADERS.cluster;

/** The plugin configuration for all callers of the mesh. */
export function pluginConfig(
  policy: Policy,
  inventory: Inventory,
  governed: readonly Governed[],
  options: IstioOptions,
): PluginConfigInput {
  const rules = withoutGateways(policy.rules, gatewayCallers(inventory, options.rootNamespace));
  const { version, enabled, ...rest } = compilePolicy(
    { ...policy, rules },
    absent(governed, policy.clusters),
  );
  const pin =
    options.routing === "envoy-filter"
      ? { via: "cluster" as const, ...new UniformNames(policy.clusters, inventory.destinationRules).pin }
      : { via: "route" as const };
  return { version, ...(enabled === false && { enabled }), pin, ...rest };
}

/** The services that clusters have no endpoint of, for what a dry run counts. */
function absent(governed: readonly Governed[], clusters: readonly string[]): PluginConfigInput["absent"] {
  const observed = governed.filter((one) => one.observed);
  const lists = clusters.flatMap((cluster) => {
    const services = observed.filter(({ service }) => service.endpoints.get(cluster) === 0);
    const names = services.map(({ service }) => `${service.namespace}/${service.name}`);
    return names.length > 0 ? [[cluster, names] as const] : [];
  });
  return lists.length > 0 ? Object.fromEntries(lists) : undefined;
}
