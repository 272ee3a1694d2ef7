import { isDeepStrictEqual } from "node:util";
import { compilePolicy } from "./compile.ts";
import { pluginConfigSchema, type PluginConfig } from "./plugin-config.ts";
import type { Policy } from "./policy.ts";

/** What a policy decides; the rest of a configuration comes from inventory and target. */
const FIELDS = ["enabled", "clusterDomain", "clusters", "override", "names", "rules"] as const;

/** A field in which a configuration that runs is not what a policy compiles to. */
export interface Drift {
  field: (typeof FIELDS)[number];
  wanted: unknown;
  running: unknown;
}

/** Where a configuration differs from the policy; nowhere when the policy is what runs. */
export function driftOf(config: PluginConfig, policy: Policy): Drift[] {
  const wanted = pluginConfigSchema.parse(compilePolicy(policy));
  const running = { ...config, rules: withoutGatewayRules(config.rules, wanted.rules) };
  return FIELDS.filter((field) => !isDeepStrictEqual(wanted[field], running[field])).map((field) => ({
    field,
    wanted: wanted[field],
    running: running[field],
  }));
}

/** What `generate istio` puts before a rule, so that it is not for gateways (src/targets/istio/gateways.ts). */
function withoutGatewayRules(
  running: PluginConfig["rules"],
  wanted: PluginConfig["rules"],
): PluginConfig["rules"] {
  return running.filter((rule, index) => {
    if (rule.mode !== "off" || rule.callers === undefined) return true;
    if (wanted.some((one) => isDeepStrictEqual(one, rule))) return true;
    const next = running[index + 1];
    return !next || !isDeepStrictEqual([rule.services, rule.hosts], [next.services, next.hosts]);
  });
}
