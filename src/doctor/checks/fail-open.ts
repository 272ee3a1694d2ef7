import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";

/** What becomes of requests when the filter's VM has died (envoy.extensions.wasm.v3.PluginConfig.failure_policy). */
export function checkFailOpen({ state, plugin }: Facts): Finding[] {
  if (!plugin) return [];
  const reloads = [...state.stats].filter(
    ([name, value]) => /^wasm\..*cluster[-_]local.*\.vm_reload_success$/.test(name) && value > 0,
  );
  const findings: Finding[] = reloads.map(([name, value]) => ({
    check: "fail-open",
    level: "warning",
    message: "the filter's VM has died and was replaced",
    evidence: [`${name}: ${value}`],
    remedy: "look for the trap in Envoy's log, and report it",
  }));
  if (plugin.failOpen)
    findings.push({
      check: "fail-open",
      level: "warning",
      message:
        "with FAIL_OPEN, requests go where their routes say without a pin wherever the filter cannot run",
      evidence: ["/config_dump: failure_policy FAIL_OPEN"],
      remedy:
        "failure_policy: FAIL_RELOAD, or generate istio --fail-closed, if they should be refused instead",
    });
  if (findings.length > 0) return findings;
  const message = "a filter that fails lets no request leave the cluster";
  return [
    { check: "fail-open", level: "ok", message, evidence: ["/config_dump: failure_policy is not FAIL_OPEN"] },
  ];
}
