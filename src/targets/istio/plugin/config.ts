import type { Inventory } from "../../../inventory/kubernetes/model.ts";
import { compilePolicy } from "../../../policy/compile.ts";
import type { PluginConfigInput } from "../../../policy/plugin-config.ts";
import type { Policy } from "../../../policy/policy.ts";
import type { LeftOut } from "../plan.ts";
import { gatewayCallers, withoutGateways } from "./gateways.ts";
import { withoutHosts } from "./left-out.ts";

/** The plugin configuration for all callers of the mesh, whatever the routing. */
export function pluginConfig(
  policy: Policy,
  inventory: Inventory,
  leftOut: readonly LeftOut[],
  rootNamespace: string,
): PluginConfigInput {
  const { clusterDomain } = policy;
  const kept = withoutHosts(
    policy.rules,
    leftOut.map(({ host }) => host),
    clusterDomain,
  );
  const rules = withoutGateways(kept, gatewayCallers(inventory, rootNamespace), clusterDomain);
  const { version, enabled, ...rest } = compilePolicy({ ...policy, rules });
  return { version, ...(enabled === false && { enabled }), ...rest };
}
