/** What one look at a proxy's admin interface shows. All of it is plain JSON. */
export interface ProxySample {
  /** When it was taken: milliseconds since the epoch. */
  at: number;
  /** Of the admin interface, as given. */
  address: string;
  /** Who the proxy is: its node and node metadata. */
  proxy: {
    cluster: string | undefined;
    namespace: string | undefined;
    workload: string | undefined;
    /** The node's id. */
    id: string;
    /** Envoy's version: `1.40.0`. */
    version: string;
  };
  /** One for each service, port and cluster of endpoints that the proxy knows. */
  flows: Flow[];
  /** The filter's counters `cluster_local.requests.*`; all 0 without the filter. */
  requests: { retained: number; preferred: number; observed: number; bypassed: number };
  /** The filter's counters `cluster_local.upstream.*`: answers by where they came from. */
  upstream: { where: string; rule: string; mode: string; count: number }[];
  /** Pinned requests that another cluster answered. */
  leaked: number;
  /** Headers of the pin that clients sent. */
  forged: number;
}

/** The traffic from one proxy to a service's endpoints in one cluster. All counts are cumulative since Envoy started. */
export interface Flow {
  /** `namespace/name`, or the host where it is no Kubernetes service. */
  service: string;
  port: number | undefined;
  /** The id of the endpoints' cluster; undefined where they do not say. */
  to: string | undefined;
  /** Requests that were sent to these endpoints (`rq_total`), retries included. */
  requests: number;
  /** Of them, those answered with 5xx, reset, or timed out (`rq_error`). */
  errors: number;
  /** An estimate: Envoy counts bytes by Envoy cluster only, here apportioned by requests. */
  bytesSent: number;
  bytesReceived: number;
  endpoints: number;
  healthy: number;
}
