import { costOf } from "../live/cost.ts";
import type { ProxySample } from "../live/model.ts";
import type { Prices } from "../live/prices.ts";
import { arrowsOf, totalsOf } from "./arrows.ts";
import { boxesOf } from "./boxes.ts";
import type { Governor } from "./governed.ts";
import { boxOf, identityOf, type Proxy, type Topology } from "./topology.ts";
import type { Traffic } from "./view.ts";

/** What one look at a proxy brought: its sample, or why there is none. */
export interface Look {
  proxy: Proxy;
  /** The sample before it, and the one that rates are told against: a little older, for rates that do not jump. */
  earlier?: ProxySample | undefined;
  rated?: ProxySample | undefined;
  later?: ProxySample | undefined;
  error?: string | undefined;
}

/** Puts together what the proxies carry. */
export function trafficOf(topology: Topology, looks: readonly Look[], governor: Governor): Traffic {
  const sources = looks.map((look) => {
    const identity = identityOf(look.proxy, look.later);
    const { id, service } = boxOf(identity, topology.services);
    return { look, identity, box: id, service };
  });
  const samples = looks.flatMap(({ later }) => (later ? [later] : []));
  const arrows = sources.flatMap(({ look: { later, rated }, identity, box }) =>
    later ? arrowsOf(later, rated, identity, box, governor) : [],
  );
  const { boxes, hidden } = boxesOf(topology, sources, arrows, samples);
  return {
    at: Date.now(),
    clusters: [...new Set([...topology.clusters, ...boxes.map(({ cluster }) => cluster)])],
    boxes,
    arrows,
    proxies: sources.map(({ look: { proxy, error }, identity: { id, cluster, namespace, workload } }) => ({
      id,
      admin: proxy.admin,
      cluster,
      namespace,
      workload,
      ...(error !== undefined && { error }),
    })),
    totals: totalsOf(arrows, samples),
    hidden,
  };
}

/** What the requests that cross cost, by a price table. */
export function costNow(looks: readonly Look[], prices: Prices): NonNullable<Traffic["cost"]> {
  const seen = looks.flatMap(({ rated, later }) => (later ? [{ earlier: rated, later }] : []));
  const { currency, amount, perHour } = costOf(seen, prices);
  return { currency, amount, ...(perHour !== undefined && { perHour }) };
}
