import type { Flow, ProxySample } from "../live/model.ts";
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
  const key = ({ where, rule, mode }: ProxySample["upstream"][number]) => JSON.stringify([where, rule, mode]);
  const before = new Map(earlier.upstream.map((one) => [key(one), one.count]));
  return later.upstream.flatMap(({ where, rule, mode, count }) => {
    const more = since(before.get(key({ where, rule, mode, count })), count);
    if (more === 0) return [];
    const flow = flowOf(rule, where, later, identity);
    return [
      {
        count: more,
        what: called(identity, rule),
        arrow: flow && arrowId(identity, flow),
        ...reasonOf({ mode, rule, where, home: identity.cluster, to: flow?.to }),
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
function flowOf(
  rule: string,
  where: string,
  { flows }: ProxySample,
  { cluster }: Identity,
): Flow | undefined {
  const fitting = flows.filter(
    ({ service, to, requests }) =>
      service === rule &&
      requests > 0 &&
      (where === "local" ? to === cluster : where === "remote" && to !== cluster),
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
