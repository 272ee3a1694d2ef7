import { placeOf, isLeak, total } from "../../live/evidence.ts";
import type { Answered } from "../../live/model.ts";
import type { Facts } from "../facts.ts";
import type { Finding } from "../finding.ts";
import { count } from "../../input/words.ts";
import { names } from "../names.ts";

const AGAIN = "the count starts again with Envoy";

/** What Envoy has counted of governed requests since it started, and whether it counts at all. */
export function checkEvidence({ state, plugin, outbound, local, istio }: Facts): Finding[] {
  const { answered, leaked } = state.evidence;
  if (!plugin) return [];
  const blind = outbound.filter(({ filters, counts }) => !counts && filters.some(({ ours }) => ours));
  const findings: Finding[] = [];
  if (leaked > 0)
    findings.push({
      check: "leaks",
      level: "error",
      message: `${count(leaked, "request")} of strict rules answered by another cluster`,
      evidence: shown(answered.filter(isLeak)),
      remedy: `see what is said about routes; ${AGAIN}`,
    });
  if (blind.length > 0)
    findings.push({
      check: "evidence",
      level: istio ? "note" : "warning",
      message: "nothing counts where governed requests go: a leak would not be seen",
      evidence: [
        `no stats access logger with cluster_local.upstream: ${names(blind.map(({ listener }) => listener))}`,
      ],
      ...(!istio && { remedy: "access_log, as the generator writes it" }),
    });
  else if (leaked === 0)
    findings.push({
      check: "leaks",
      level: "ok",
      message: "no request of a strict rule left the cluster",
      evidence: [
        `/stats/prometheus: ${count(total(answered), "governed request")}, none with another served_by than pin`,
      ],
    });
  const isPinned = ({ mode }: Answered) => mode === "strict" || mode === "prefer" || mode === "override";
  const failed = answered.filter(
    (one) => isPinned(one) && one.code === 503 && placeOf(one, local) === "none",
  );
  if (failed.length > 0)
    findings.push({
      check: "answers",
      level: "warning",
      message: `${names(failed.map(({ rule }) => rule))}: ${count(total(failed), "request")} found no endpoint (503)`,
      evidence: shown(failed),
      remedy: `see what is said about local endpoints and routes; ${AGAIN}`,
    });
  const unknown = answered.filter((one) => isPinned(one) && placeOf(one, local) === "unknown");
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

function shown(answered: readonly Answered[]): string[] {
  return answered.slice(0, 3).map(({ rule, mode, pin = "", servedBy = "", code, count }) => {
    const tags = { rule, mode, pin, served_by: servedBy, code };
    const labels = Object.entries(tags).map(([tag, value]) => `${tag}=${JSON.stringify(String(value))}`);
    return `envoy_cluster_local_upstream{${labels.join(",")}} ${count}`;
  });
}
