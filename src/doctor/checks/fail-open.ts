import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { names } from "../names.ts";

/** What becomes of requests when the filter's VM has died (envoy.extensions.wasm.v3.PluginConfig.failure_policy). */
export function checkFailOpen({ state, plugin, governed, clusters, local }: Facts): Finding[] {
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
  // Where the routes themselves lead to the local cluster, it holds without the filter.
  const open = governed.filter(({ name, pins, routes }) => {
    const homes = routes.map((route) => clusters.homesOf(clusters.targetsOf(route, undefined, name)));
    return pins.length > 0 && homes.some((home) => home?.size !== 1 || !home.has(local!));
  });
  if (plugin.failOpen && open.length > 0)
    findings.push({
      check: "fail-open",
      level: "warning",
      message: `${names(open.map(({ name }) => name))}: with FAIL_OPEN, requests go anywhere wherever the filter cannot run`,
      evidence: ["/config_dump: failure_policy FAIL_OPEN"],
      remedy:
        "failure_policy: FAIL_RELOAD, or generate istio --fail-closed, if they should be refused instead",
    });
  if (findings.length > 0) return findings;
  const message = "a filter that fails lets no request leave the cluster";
  const seen = plugin.failOpen ? "FAIL_OPEN, but the routes themselves are local" : "not FAIL_OPEN";
  return [
    { check: "fail-open", level: "ok", message, evidence: [`/config_dump: failure_policy is ${seen}`] },
  ];
}
