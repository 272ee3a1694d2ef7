import { isDeepStrictEqual } from "node:util";
import { compilePolicy } from "../../policy/compile.ts";
import { pluginConfigSchema, type PluginConfig } from "../../policy/plugin-config.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";

/** What a policy decides; the rest of a configuration comes from inventory and target. */
const FIELDS = ["enabled", "clusterDomain", "clusters", "override", "names", "rules"] as const;

/** Whether the policy compiles to what runs. */
export function checkDrift({ config, plugin, refused }: Facts, policy: Policy, file: string): Finding[] {
  if (!plugin || refused || !config) return [];
  const wanted = pluginConfigSchema.parse(compilePolicy(policy));
  const running = { ...config, rules: withoutGatewayRules(config.rules, wanted.rules) };
  const different = FIELDS.filter((field) => !isDeepStrictEqual(wanted[field], running[field]));
  if (different.length === 0)
    return [
      {
        check: "drift",
        level: "ok",
        message: `${file} is what runs`,
        evidence: [`/config_dump: ${plugin.name}`],
      },
    ];
  return [
    {
      check: "drift",
      level: "error",
      message: `${file} is not what runs: ${different.join(", ")} differ${different.length === 1 ? "s" : ""}`,
      evidence: different.flatMap((field) => evidence(field, wanted[field], running[field])),
      remedy:
        "generate the configuration from this policy again and apply it, or look at the policy that was applied",
    },
  ];
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

const SHOWN = 160;

function evidence(field: string, wanted: unknown, running: unknown): string[] {
  if (Array.isArray(wanted) && Array.isArray(running)) {
    const index = wanted.findIndex((one, i) => !isDeepStrictEqual(one, running[i]));
    const at = index < 0 ? wanted.length : index;
    return [`${field}[${at}]: policy ${shown(wanted[at])}, running ${shown(running[at])}`];
  }
  return [`${field}: policy ${shown(wanted)}, running ${shown(running)}`];
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
