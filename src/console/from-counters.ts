import { placeOf } from "../live/evidence.ts";
import type { Answered, Flow, ProxySample } from "../live/model.ts";
import { flowKey } from "../live/rates.ts";
import type { Governor } from "./governed.ts";
import type { Told } from "./log.ts";
import { reasonOf } from "./reasons.ts";
import { arrowId, type Identity } from "./topology.ts";

/**
 * What a proxy decided between two samples, from its counters: by rule where one is for the request, and for all others by
 * where Envoy sent them.
 */
export function fromCounters(
  earlier: ProxySample,
  later: ProxySample,
  identity: Identity,
  governor: Governor,
): Told[] {
  return [...ruled(earlier, later, identity), ...unruled(earlier, later, identity, governor)];
}

function ruled(earlier: ProxySample, later: ProxySample, identity: Identity): Told[] {
  const key = (one: Answered) => JSON.stringify({ ...one, count: 0 });
  const before = new Map(earlier.answered.map((one) => [key(one), one.count]));
  return later.answered.flatMap((answered) => {
    const more = since(before.get(key(answered)), answered.count);
    if (more === 0) return [];
    const { rule, mode, servedBy: to } = answered;
    const flow = flowOf(answered, later);
    const where = placeOf(answered, identity.cluster);
    return [
      {
        count: more,
        what: called(identity, rule),
        arrow: flow && arrowId(identity, flow),
        ...reasonOf({ mode, rule, where, home: identity.cluster, to }),
      },
    ];
  });
}

function unruled(earlier: ProxySample, later: ProxySample, identity: Identity, governor: Governor): Told[] {
  const before = new Map(earlier.flows.map((flow) => [flowKey(flow), flow.requests]));
  return later.flows.flatMap((flow) => {
    const { service, to, requests } = flow;
    const more = since(before.get(flowKey(flow)), requests);
    if (more === 0) return [];
    const { mode } = governor.of(identity, service);
    if (mode !== "none" && mode !== "unfiltered" && mode !== "disabled") return [];
    const where = to === undefined ? "unknown" : to === identity.cluster ? "local" : "remote";
    const reason = reasonOf({ mode, where, home: identity.cluster, to });
    return [{ count: more, what: called(identity, service), arrow: arrowId(identity, flow), ...reason }];
  });
}

/** The flow that a rule's answers came by, where it can be but one. */
function flowOf({ rule, servedBy }: Answered, { flows }: ProxySample): Flow | undefined {
  const fitting = flows.filter(
    ({ service, to, requests }) =>
      service === rule && requests > 0 && servedBy !== undefined && to === servedBy,
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** How much a counter grew; one that went down began anew. */
function since(before = 0, now: number): number {
  return now >= before ? now - before : now;
}

/** `m1c1/productpage → reviews`: as in Kubernetes, a service of the caller's own namespace goes by its name. */
function called({ id, namespace }: Identity, service: string): string {
  const own = `${namespace}/`;
  return `${id} → ${service.startsWith(own) && !service.endsWith("*") ? service.slice(own.length) : service}`;
}
