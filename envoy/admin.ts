/** One endpoint of a cluster, as far as tests and the demo look at it (admin `/clusters?format=json`). */
export interface EndpointStatus {
  /** `127.0.0.1:7001`. */
  address: string;
  /** No health flag is set: neither the active health check nor anything else keeps it out. */
  healthy: boolean;
  /** The flags that are set, such as `failed_active_health_check`. */
  flags: string[];
}

interface ClustersJson {
  cluster_statuses?: {
    name: string;
    host_statuses?: {
      address: { socket_address?: { address: string; port_value: number } };
      health_status: Record<string, unknown>;
    }[];
  }[];
}

/** The administration interface of one Envoy. Every call throws when it does not answer 200 within 5 s. */
export class EnvoyAdmin {
  /** `127.0.0.1:15000`. */
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  /** Whether `/ready` answers 200 now. */
  async ready(): Promise<boolean> {
    return this.#call("GET", "/ready").then(
      () => true,
      () => false,
    );
  }

  /**
   * Counters and gauges by name; histograms and text are left out.
   * `filter` is a regular expression (RE2) that Envoy searches for in the names.
   */
  async stats(filter?: string): Promise<Map<string, number>> {
    const text = await this.#call("GET", filter ? `/stats?filter=${encodeURIComponent(filter)}` : "/stats");
    const stats = new Map<string, number>();
    for (const line of text.split("\n")) {
      const colon = line.lastIndexOf(": ");
      const value = line.slice(colon + 2);
      if (colon > 0 && /^\d+$/.test(value)) stats.set(line.slice(0, colon), Number(value));
    }
    return stats;
  }

  /** The stats in Prometheus' text format, with the tags that `stats_tags` extract. */
  prometheus(): Promise<string> {
    return this.#call("GET", "/stats/prometheus");
  }

  /** The configuration that Envoy has loaded, endpoints included. */
  async configDump(): Promise<{ configs: Record<string, unknown>[] }> {
    return JSON.parse(await this.#call("GET", "/config_dump?include_eds")) as {
      configs: Record<string, unknown>[];
    };
  }

  /** The endpoints of each cluster, by the cluster's name. */
  async clusters(): Promise<Map<string, EndpointStatus[]>> {
    const json = JSON.parse(await this.#call("GET", "/clusters?format=json")) as ClustersJson;
    return new Map(
      (json.cluster_statuses ?? []).map(({ name, host_statuses = [] }) => [
        name,
        host_statuses.map(({ address: { socket_address }, health_status }) => {
          // The health of EDS stands beside the flags and is a word; the flags are true where set.
          const flags = Object.keys(health_status).filter((flag) => health_status[flag] === true);
          return {
            address: `${socket_address?.address}:${socket_address?.port_value}`,
            healthy: flags.length === 0,
            flags,
          };
        }),
      ]),
    );
  }

  /** Sets the level (`debug`, `info`, …) of one logger such as `wasm`, or of all. */
  async logging(level: string, logger?: string): Promise<void> {
    await this.#call("POST", `/logging?${logger ?? "level"}=${level}`);
  }

  async #call(method: string, path: string): Promise<string> {
    const response = await fetch(`http://${this.address}${path}`, {
      method,
      // A kept connection may be to an Envoy that has been restarted on the same port.
      headers: { connection: "close" },
      signal: AbortSignal.timeout(5000),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`${method} ${path} of Envoy's admin: ${response.status} ${text.trim()}`);
    return text;
  }
}
