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
  /** Answers to governed requests, as Envoy's stats access logger counted them; none without it. */
  answered: Answered[];
  /** Of them, those of strict rules that another cluster gave. */
  leaked: number;
}

/** Answers that are alike in all that is counted (`cluster_local.upstream`). */
export interface Answered {
  /** The pattern of the rule as it is written, or `override`. */
  rule: string;
  /** `strict`, `prefer`, `observe`, `off`, `override`. */
  mode: string;
  /** Where the filter sent the request: a cluster's id, several in order, `*`; undefined where it left it alone. */
  pin: string | undefined;
  /** The cluster of the endpoint that was asked last; undefined where there was none, or it does not say its cluster. */
  servedBy: string | undefined;
  /** The status of the response; 0 where the caller went away before. */
  code: number;
  count: number;
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
