import type { Flow, ProxySample } from "../live/model.ts";
import { ownOf } from "../input/loose.ts";
import { rates } from "../live/rates.ts";

type Where = "local" | "remote" | "unknown";

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
  /** Healthy endpoints of all, in the caller's cluster, in others, and those that do not say theirs. */
  endpoints: Record<Where, [healthy: number, all: number]>;
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

/** One row for a caller and a service, however many proxies the caller has: replicas of a workload are one caller. */
export function merged(rows: readonly Row[]): Row[] {
  const byName = new Map<string, Row>();
  for (const row of rows) {
    const name = JSON.stringify([row.caller, row.service]);
    const known = byName.get(name);
    byName.set(name, known ? sum(known, row) : row);
  }
  return [...byName.values()];
}

/** Of endpoints, which all of a workload's proxies know alike, what the first says. */
function sum(a: Row, b: Row): Row {
  const ids = new Set([...Object.keys(a.to), ...Object.keys(b.to)]);
  return {
    ...a,
    local: a.local + b.local,
    remote: a.remote + b.remote,
    unknown: a.unknown + b.unknown,
    errors: a.errors + b.errors,
    ever: a.ever + b.ever,
    to: Object.fromEntries([...ids].map((id) => [id, (ownOf(a.to, id) ?? 0) + (ownOf(b.to, id) ?? 0)])),
  };
}

function emptyRow(caller: string, service: string): Row {
  const counts = { local: 0, remote: 0, unknown: 0, errors: 0, ever: 0 };
  const none = (): [number, number] => [0, 0];
  const endpoints = { local: none(), remote: none(), unknown: none() };
  return { caller, service, ...counts, endpoints, to: {} };
}

function add(
  row: Row,
  { to, healthy, endpoints, requests: ever }: Flow,
  local: string | undefined,
  { requests, errors }: { requests: number; errors: number },
): void {
  const where: Where =
    to === undefined || local === undefined ? "unknown" : to === local ? "local" : "remote";
  row.errors += errors;
  row.ever += ever;
  row[where] += requests;
  row.endpoints[where][0] += healthy;
  row.endpoints[where][1] += endpoints;
  if (where === "remote")
    row.to = Object.fromEntries([...Object.entries(row.to), [to!, (ownOf(row.to, to!) ?? 0) + requests]]);
}
