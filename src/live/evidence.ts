import type { Series } from "./admin/prometheus.ts";
import type { Answered, ProxySample } from "./model.ts";

/** What Envoy counted of governed requests; the names are those of `/stats/prometheus`. */
const ANSWERED = "envoy_cluster_local_upstream";
const REQUESTS = "cluster_local_requests_";

/** Of these alone Envoy is asked: a regular expression (RE2) over the names that it has for them itself. */
export const EVIDENCE = "^(cluster_local\\.upstream\\.|wasmcustom\\.cluster_local\\.requests\\.)";

export type Evidence = Pick<ProxySample, "requests" | "answered" | "leaked">;

/** The evidence in an answer of `/stats/prometheus`. A counter that is not there has counted nothing. */
export function evidenceOf(series: readonly Series[]): Evidence {
  const count = (decision: string) => series.find(({ name }) => name === REQUESTS + decision)?.value ?? 0;
  const answered = series.filter(({ name }) => name === ANSWERED).flatMap(answeredOf);
  return {
    requests: {
      retained: count("retained"),
      preferred: count("preferred"),
      observed: count("observed"),
      bypassed: count("bypassed"),
    },
    answered,
    leaked: total(answered.filter(isLeak)),
  };
}

/** Nothing of what no rule is for, which Envoy counts as well. */
function answeredOf({ labels, value }: Series): Answered[] {
  // A tag that has no value is empty, or a dash.
  const tag = (name: string) => {
    const text = labels.get(name);
    return text === "" || text === "-" ? undefined : text;
  };
  const [rule, mode] = [tag("rule"), tag("mode")];
  if (rule === undefined || mode === undefined) return [];
  return [
    {
      rule,
      mode,
      pin: tag("pin"),
      // Istio's endpoints say their workload, whose fifth part is the cluster: `reviews-v1;default;reviews;v1;m1c1`.
      servedBy: tag("served_by")?.replace(/^(?:[^;]*;){4}/, "") || undefined,
      code: Number(tag("code")) || 0,
      count: value,
    },
  ];
}

/** Whether a strict rule did not hold: another cluster answered than the one of the pin. */
export function isLeak({ mode, pin, servedBy }: Pick<Answered, "mode" | "pin" | "servedBy">): boolean {
  return mode === "strict" && servedBy !== undefined && servedBy !== pin;
}

/**
 * Where answers came from, as seen from the caller's cluster. `none`: no endpoint was asked, as there is none that may be
 * (503), or the caller went away before (0). `unknown`: the endpoint does not say its cluster.
 */
export function placeOf(
  { servedBy, code }: Pick<Answered, "servedBy" | "code">,
  home: string | undefined,
): "local" | "remote" | "none" | "unknown" {
  if (servedBy === undefined) return code === 503 || code === 0 ? "none" : "unknown";
  if (home === undefined) return "unknown";
  return servedBy === home ? "local" : "remote";
}

export function total(answered: readonly Answered[]): number {
  return answered.reduce((sum, { count }) => sum + count, 0);
}
