import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { compilePolicy } from "../../policy/compile.ts";
import { PIN_HEADERS } from "../../policy/extras.ts";
import type { PluginConfigInput } from "../../policy/plugin-config.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Governed } from "./governed.ts";
import { gatewayCallers, withoutGateways } from "./gateways.ts";
import type { IstioOptions } from "./options.ts";

/** The header that the routes of `--routing virtual-service` match. */
export const HEADER = PIN_HEADERS.cluster;

/** The plugin configuration for all callers of the mesh. */
export function pluginConfig(
  policy: Policy,
  inventory: Inventory,
  _governed: readonly Governed[],
  options: IstioOptions,
): PluginConfigInput {
  const rules = withoutGateways(policy.rules, gatewayCallers(inventory, options.rootNamespace));
  const { version, enabled, ...rest } = compilePolicy({ ...policy, rules });
  return { version, ...(enabled === false && { enabled }), ...rest };
}
