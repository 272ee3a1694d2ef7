import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { count } from "../../input/words.ts";
import { names } from "../names.ts";

/** What the filter itself has counted (assembly/proxy/telemetry.ts), since Envoy started. */
export function checkCounters({ state: { counters }, plugin }: Facts): Finding[] {
  if (!plugin) return [];
  const { leaked, forged, upstream } = counters;
  const findings: Finding[] = [];
  const of = (where: string, modes: readonly string[]) =>
    upstream.filter((one) => one.where === where && modes.includes(one.mode) && one.count > 0);
  const shown = (entries: typeof upstream) =>
    entries
      .slice(0, 3)
      .map(
        ({ where, rule, mode, count }) =>
          `cluster_local_upstream{where="${where}",rule="${rule}",mode="${mode}"} ${count}`,
      );
  const total = (entries: typeof upstream) => entries.reduce((sum, { count }) => sum + count, 0);

  const leaks = of("remote", ["strict", "override"]);
  findings.push(
    leaked > 0
      ? {
          check: "leaks",
          level: "error",
          message: `${count(leaked, "pinned request")} answered by another cluster`,
          evidence: [`wasmcustom.cluster_local.leaked: ${leaked}`, ...shown(leaks)],
          remedy: "see what is said about subsets and order; the count starts again with Envoy",
        }
      : {
          check: "leaks",
          level: "ok",
          message: "no pinned request left the cluster",
          evidence: ["wasmcustom.cluster_local.leaked: 0"],
        },
  );
  findings.push(
    forged > 0
      ? {
          check: "forged",
          level: "warning",
          message: `clients sent ${count(forged, "header")} of the pin, which had no effect`,
          evidence: [`wasmcustom.cluster_local.forged: ${forged}`],
          remedy:
            "find out who: an attempt to choose a cluster, or a proxy before this one that does not remove them",
        }
      : {
          check: "forged",
          level: "ok",
          message: "no client sent a header of the pin",
          evidence: ["wasmcustom.cluster_local.forged: 0"],
        },
  );
  const failed = of("none", ["strict", "prefer", "override"]);
  if (failed.length > 0)
    findings.push({
      check: "answers",
      level: "warning",
      message: `${names(failed.map(({ rule }) => rule))}: ${count(total(failed), "request")} found no endpoint (503)`,
      evidence: shown(failed),
      remedy: "see what is said about local endpoints; the count starts again with Envoy",
    });
  const unknown = of("unknown", ["strict", "prefer", "observe", "override"]);
  if (unknown.length > 0)
    findings.push({
      check: "answers",
      level: "warning",
      message: `${names(unknown.map(({ rule }) => rule))}: ${count(total(unknown), "answer")} from endpoints that do not say their cluster: leaks would not be seen`,
      evidence: shown(unknown),
      remedy:
        "give each endpoint the metadata envoy.lb: {cluster: <id>}; on Istio leave endpoint telemetry labels on",
    });
  return findings;
}
