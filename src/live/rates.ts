import type { Flow, ProxySample } from "./model.ts";

/** A flow's traffic between two samples. */
export interface FlowRate {
  service: string;
  port: number | undefined;
  to: string | undefined;
  requestsPerSecond: number;
  errorsPerSecond: number;
  /** An estimate, as in `Flow`. */
  bytesPerSecond: number;
}

/**
 * What each flow of the later sample carried a second since the earlier one. A count that went down means that Envoy, or
 * an endpoint, is a new one: what it counts now is all since then. Without an earlier sample, or time between them: 0.
 */
export function rates(earlier: ProxySample | undefined, later: ProxySample): FlowRate[] {
  const seconds = earlier ? (later.at - earlier.at) / 1000 : 0;
  const before = new Map(earlier?.flows.map((flow) => [flowKey(flow), flow]));
  const grown = later.flows.map((flow) => {
    const old = before.get(flowKey(flow));
    return {
      flow,
      requests: growth(flow.requests, old?.requests),
      errors: growth(flow.errors, old?.errors),
    };
  });
  const bytes = bytesPerRequest(earlier?.flows ?? [], later.flows, grown);
  return grown.map(({ flow, requests, errors }) => {
    const perSecond = (count: number) => (seconds > 0 ? count / seconds : 0);
    return {
      service: flow.service,
      port: flow.port,
      to: flow.to,
      requestsPerSecond: perSecond(requests),
      errorsPerSecond: perSecond(errors),
      bytesPerSecond: perSecond(requests * (bytes.get(envoyCluster(flow)) ?? 0)),
    };
  });
}

function growth(now: number, then = 0): number {
  return now >= then ? now - then : now;
}

/**
 * What a request of each Envoy cluster took between the samples. Not from the flows' own bytes: those are shares of all
 * bytes so far, and with the shares of the requests they would jump.
 */
function bytesPerRequest(
  earlier: readonly Flow[],
  later: readonly Flow[],
  grown: readonly { flow: Flow; requests: number }[],
): Map<string, number> {
  const [before, now] = [bytesBy(earlier), bytesBy(later)];
  const requests = new Map<string, number>();
  for (const { flow, requests: more } of grown) add(requests, envoyCluster(flow), more);
  return new Map(
    [...requests].map(([name, count]) => [
      name,
      count > 0 ? growth(now.get(name) ?? 0, before.get(name)) / count : 0,
    ]),
  );
}

function bytesBy(flows: readonly Flow[]): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const flow of flows) add(bytes, envoyCluster(flow), flow.bytesSent + flow.bytesReceived);
  return bytes;
}

function add(sums: Map<string, number>, key: string, more: number): void {
  sums.set(key, (sums.get(key) ?? 0) + more);
}

const envoyCluster = ({ service, port }: Pick<Flow, "service" | "port">) =>
  JSON.stringify([service, port ?? null]);

/** What tells the flows of a proxy apart. */
export function flowKey({ service, port, to }: Pick<Flow, "service" | "port" | "to">): string {
  return JSON.stringify([service, port ?? null, to ?? null]);
}
