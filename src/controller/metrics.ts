/** What is counted, for Prometheus. */
const HELP = {
  reconciles_total: "Reconciles, by result.",
  reconcile_seconds_sum: "Time that reconciles took.",
  reconcile_seconds_count: "Reconciles that were timed.",
  applied_total: "Objects applied.",
  deleted_total: "Objects deleted.",
  corrected_total: "Objects of ours that somebody else had changed.",
  apply_errors_total: "Objects that could not be applied or deleted.",
  services: "Services that policies name, by state.",
  policies: "Policies, by whether they are ready.",
  policy_conflicts: "Policies that name what an older one names.",
  cluster_reachable: "Whether a cluster's API server can be watched.",
  leader: "Whether this replica acts.",
} as const;
type Name = keyof typeof HELP;

export class Metrics {
  private readonly values = new Map<Name, Map<string, number>>();

  add(name: Name, value = 1, labels: Record<string, string> = {}): void {
    const series = this.series(name);
    const key = keyOf(labels);
    series.set(key, (series.get(key) ?? 0) + value);
  }

  set(name: Name, value: number, labels: Record<string, string> = {}): void {
    this.series(name).set(keyOf(labels), value);
  }

  /** Before the series of a gauge are set anew. */
  clear(name: Name): void {
    this.values.delete(name);
  }

  /** In Prometheus' text format. */
  text(): string {
    return [...this.values]
      .flatMap(([name, series]) => {
        const full = `cluster_local_controller_${name}`;
        const type = name.endsWith("_total") || name.startsWith("reconcile_seconds") ? "counter" : "gauge";
        const lines = [...series].map(([labels, value]) => `${full}${labels} ${value}`);
        return [`# HELP ${full} ${HELP[name]}`, `# TYPE ${full} ${type}`, ...lines];
      })
      .join("\n")
      .concat("\n");
  }

  private series(name: Name): Map<string, number> {
    const series = this.values.get(name) ?? new Map<string, number>();
    this.values.set(name, series);
    return series;
  }
}

function keyOf(labels: Record<string, string>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}
