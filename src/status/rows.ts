import type { Flow, ProxySample } from "../live/model.ts";
import { rates } from "../live/rates.ts";

/** A line of the table: a caller's requests to a port of a service. */
export interface Row {
  /** `m1c1 default/productpage`. */
  caller: string;
  /** `default/reviews:9080`. */
  service: string;
  /** Requests to endpoints in the caller's cluster, in others, and in ones that do not say theirs. */
  local: number;
  remote: number;
  unknown: number;
  errors: number;
  /** Requests to all of them since Envoy started, whatever the other numbers are. */
  ever: number;
  /** Healthy endpoints of all, in the caller's cluster and in others. */
  localEndpoints: [healthy: number, all: number];
  remoteEndpoints: [healthy: number, all: number];
  /** By the ids of other clusters: the requests that went there. */
  to: Record<string, number>;
}

/**
 * The rows of a proxy, in the order of its flows. With an earlier sample requests and errors are a second's, without one
 * all since Envoy started.
 */
export function rowsOf(earlier: ProxySample | undefined, later: ProxySample): Row[] {
  const { cluster = "?", namespace = "?", workload = "?" } = later.proxy;
  const rows = new Map<string, Row>();
  const perSecond = earlier ? rates(earlier, later) : undefined;
  later.flows.forEach((flow, index) => {
    const name = flow.port === undefined ? flow.service : `${flow.service}:${flow.port}`;
    const row = rows.get(name) ?? emptyRow(`${cluster} ${namespace}/${workload}`, name);
    rows.set(name, row);
    add(row, flow, later.proxy.cluster, {
      requests: perSecond ? perSecond[index]!.requestsPerSecond : flow.requests,
      errors: perSecond ? perSecond[index]!.errorsPerSecond : flow.errors,
    });
  });
  return [...rows.values()];
}

function emptyRow(caller: string, service: string): Row {
  const counts = { local: 0, remote: 0, unknown: 0, errors: 0, ever: 0 };
  return { caller, service, ...counts, localEndpoints: [0, 0], remoteEndpoints: [0, 0], to: {} };
}

function add(
  row: Row,
  { to, healthy, endpoints, requests: ever }: Flow,
  local: string | undefined,
  { requests, errors }: { requests: number; errors: number },
): void {
  row.errors += errors;
  row.ever += ever;
  const own = to !== undefined && to === local ? row.localEndpoints : row.remoteEndpoints;
  own[0] += healthy;
  own[1] += endpoints;
  if (to === undefined || local === undefined) row.unknown += requests;
  else if (to === local) row.local += requests;
  else {
    row.remote += requests;
    row.to[to] = (row.to[to] ?? 0) + requests;
  }
}
