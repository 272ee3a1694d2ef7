import { isDeepStrictEqual } from "node:util";
import { cut } from "../../input/words.ts";
import { driftOf, type Drift } from "../../policy/drift.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";

/** Whether the policy compiles to what runs. */
export function checkDrift({ config, plugin, refused }: Facts, policy: Policy, file: string): Finding[] {
  if (!plugin || refused || !config) return [];
  const different = driftOf(config, policy);
  if (different.length === 0)
    return [
      {
        check: "drift",
        level: "ok",
        message: `${file} is what runs`,
        evidence: [`/config_dump: ${plugin.name}`],
      },
    ];
  const fields = different.map(({ field }) => field).join(", ");
  return [
    {
      check: "drift",
      level: "error",
      message: `${file} is not what runs: ${fields} differ${different.length === 1 ? "s" : ""}`,
      evidence: different.map(evidence),
      remedy:
        "generate the configuration from this policy again and apply it, or look at the policy that was applied",
    },
  ];
}

/** Letters of a value: a rule in most cases. */
const SHOWN = 160;

function evidence({ field, wanted, running }: Drift): string {
  if (Array.isArray(wanted) && Array.isArray(running)) {
    const index = wanted.findIndex((one, i) => !isDeepStrictEqual(one, running[i]));
    const at = index < 0 ? wanted.length : index;
    return `${field}[${at}]: policy ${shown(wanted[at])}, running ${shown(running[at])}`;
  }
  return `${field}: policy ${shown(wanted)}, running ${shown(running)}`;
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : cut(JSON.stringify(value), SHOWN);
}
