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
  return later.flows.map((flow) => {
    const old = before.get(flowKey(flow));
    const perSecond = (now: number, then = 0) =>
      seconds > 0 ? (now >= then ? now - then : now) / seconds : 0;
    return {
      service: flow.service,
      port: flow.port,
      to: flow.to,
      requestsPerSecond: perSecond(flow.requests, old?.requests),
      errorsPerSecond: perSecond(flow.errors, old?.errors),
      bytesPerSecond:
        perSecond(flow.bytesSent, old?.bytesSent) + perSecond(flow.bytesReceived, old?.bytesReceived),
    };
  });
}

/** What tells the flows of a proxy apart. */
export function flowKey({ service, port, to }: Pick<Flow, "service" | "port" | "to">): string {
  return JSON.stringify([service, port ?? null, to ?? null]);
}
