import type { ProxySample } from "./model.ts";
import type { Prices } from "./prices.ts";
import { rates } from "./rates.ts";

/** Traffic from a caller's cluster to endpoints in another one. */
export interface Crossing {
  /** The caller: `default/productpage`, as far as its proxy says. */
  caller: string;
  from: string;
  to: string;
  service: string;
  port: number | undefined;
  /** Since the caller's Envoy started. */
  requests: number;
  /** Both directions; an estimate, see `Flow`. */
  bytes: number;
  /** What these cost, in the currency of the prices. */
  amount: number;
  /** What an hour like the time between two samples costs; undefined where there is only one. */
  perHour: number | undefined;
}

/** What crossed, times prices. All amounts are estimates: bytes are, and so is any price table. */
export interface CostEstimate {
  currency: string;
  requests: number;
  bytes: number;
  amount: number;
  perHour: number | undefined;
  /** The dearest first. */
  crossings: Crossing[];
}

/** A proxy's latest sample, and one before it, for rates. */
export interface Observation {
  earlier?: ProxySample | undefined;
  later: ProxySample;
}

/**
 * What the traffic between clusters costs by a price table. Only what is known to cross counts: the caller's proxy and the
 * endpoint both say their cluster, and these differ.
 */
export function costOf(observations: readonly Observation[], prices: Prices): CostEstimate {
  const crossings = observations.flatMap((observation) => crossingsOf(observation, prices));
  const sum = (pick: (crossing: Crossing) => number) =>
    crossings.reduce((total, one) => total + pick(one), 0);
  const hasRates = observations.some(({ earlier }) => earlier !== undefined);
  return {
    currency: prices.currency,
    requests: sum(({ requests }) => requests),
    bytes: sum(({ bytes }) => bytes),
    amount: sum(({ amount }) => amount),
    perHour: hasRates ? sum(({ perHour }) => perHour ?? 0) : undefined,
    crossings: crossings.sort((a, b) => b.amount - a.amount || b.requests - a.requests),
  };
}

function crossingsOf({ earlier, later }: Observation, prices: Prices): Crossing[] {
  const { cluster: from, namespace = "?", workload = "?" } = later.proxy;
  if (from === undefined) return [];
  const perSecond = rates(earlier, later);
  return later.flows.flatMap(({ service, port, to, requests, bytesSent, bytesReceived }, index) => {
    if (to === undefined || to === from || requests === 0) return [];
    const price = priceOf(prices, from, to);
    const bytes = bytesSent + bytesReceived;
    const rate = perSecond[index]!;
    const perHour = 3600 * amountOf(price, rate.requestsPerSecond, rate.bytesPerSecond);
    return [
      {
        caller: `${namespace}/${workload}`,
        from,
        to,
        service,
        port,
        requests,
        bytes,
        amount: amountOf(price, requests, bytes),
        perHour: earlier ? perHour : undefined,
      },
    ];
  });
}

type Price = Pick<Prices, "perGB" | "perMillionRequests">;

/** The price between two clusters: their own, or the one for all. The last of several of the same two. */
function priceOf(prices: Prices, from: string, to: string): Price {
  return prices.between.findLast((one) => one.from === from && one.to === to) ?? prices;
}

function amountOf({ perGB, perMillionRequests }: Price, requests: number, bytes: number): number {
  return (bytes / 1e9) * perGB + (requests / 1e6) * perMillionRequests;
}
