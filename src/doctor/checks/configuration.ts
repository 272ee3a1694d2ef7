import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { count } from "../../input/words.ts";

/** Which configuration runs and since when, and whether it can do what it is for. */
export function checkConfiguration(
  { state, plugin, config, problems, refused, local }: Facts,
  now: number,
): Finding[] {
  if (!plugin || refused) return [];
  const since =
    plugin.updated === undefined
      ? ""
      : `, since ${plugin.updated} (${ago(now - Date.parse(plugin.updated))})`;
  const evidence = [`/config_dump: ${plugin.name}${since}`];
  const finding = (level: Finding["level"], message: string, remedy: string): Finding => ({
    check: "configuration",
    level,
    message,
    evidence,
    remedy,
  });
  if (!config)
    return [
      {
        ...finding(
          "warning",
          "the configuration is not one of this version of cluster-local",
          "use the same version for the filter and the tools",
        ),
        evidence: [...evidence, ...problems.slice(0, 3)],
      },
    ];
  const findings: Finding[] = [];
  const { cluster } = state.proxy;
  if (!config.enabled)
    findings.push(
      finding("warning", "it is switched off: no request is kept local", "enabled: true in the policy"),
    );
  if (local === undefined)
    findings.push(
      finding(
        "error",
        "the filter does not know its own cluster",
        "set CLUSTER_ID in the proxy's node metadata, or localCluster in the configuration",
      ),
    );
  else if (cluster !== undefined && local !== cluster)
    findings.push(
      finding(
        "error",
        `it takes ${local} for its cluster, but the proxy says that it is in ${cluster}`,
        "leave localCluster out of the configuration, or correct CLUSTER_ID",
      ),
    );
  else if (config.clusters && !config.clusters.includes(local))
    findings.push(
      finding(
        "error",
        `the proxy is in ${local}, which is none of the policy's clusters: ${config.clusters.join(", ")}`,
        "correct clusters in the policy, or CLUSTER_ID in the node metadata",
      ),
    );
  if (config.debug)
    findings.push(
      finding("note", "debug is on: answers tell callers what was decided", "debug: false outside of tests"),
    );
  const says = `it runs ${rulesOf(config.rules)}${since}`;
  return findings.length > 0 ? findings : [{ check: "configuration", level: "ok", message: says, evidence }];
}

/** `2 rules (1 strict, 1 observe)`. */
function rulesOf(rules: readonly { mode: string }[]): string {
  const modes = new Map<string, number>();
  for (const { mode } of rules) modes.set(mode, (modes.get(mode) ?? 0) + 1);
  const parts = [...modes].map(([mode, number]) => `${number} ${mode}`);
  return count(rules.length, "rule") + (parts.length > 0 ? ` (${parts.join(", ")})` : "");
}

/** `3 min ago`. */
function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}
