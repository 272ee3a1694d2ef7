import type { ProxySample } from "../live/model.ts";
import { flowKey, rates } from "../live/rates.ts";
import type { Governor } from "./governed.ts";
import { arrowId, type Identity } from "./topology.ts";
import type { Arrow, Totals } from "./view.ts";

/** A column of its own for endpoints that do not say which cluster they are in. */
export const SOMEWHERE = "?";

/**
 * What a proxy sent to whom: an arrow for each of its flows that ever carried something.
 *
 * @param from the box that the proxy's requests come from
 * @param rated the sample that rates are told against
 */
export function arrowsOf(
  later: ProxySample,
  rated: ProxySample | undefined,
  identity: Identity,
  from: string,
  governor: Governor,
): Arrow[] {
  const byKey = new Map(rates(rated, later).map((rate) => [flowKey(rate), rate]));
  const used = later.flows.filter(({ requests }) => requests > 0);
  return used.map((flow) => {
    const { service, port, to, requests } = flow;
    const rate = byKey.get(flowKey(flow));
    return {
      id: arrowId(identity, flow),
      proxy: identity.id,
      from,
      to: `${to ?? SOMEWHERE}/${service}`,
      service,
      port,
      cluster: to ?? SOMEWHERE,
      place: to === undefined ? "unknown" : to === identity.cluster ? "local" : "remote",
      requestsPerSecond: rate?.requestsPerSecond ?? 0,
      errorsPerSecond: rate?.errorsPerSecond ?? 0,
      bytesPerSecond: rate?.bytesPerSecond ?? 0,
      requests,
      governed: governor.of(identity, service),
    };
  });
}

/** What stays and what crosses; what is not known to do either is in neither. */
export function totalsOf(arrows: readonly Arrow[], samples: readonly ProxySample[]): Totals {
  const sum = (place: Arrow["place"], field: "requestsPerSecond" | "bytesPerSecond") =>
    arrows.reduce((total, arrow) => total + (arrow.place === place ? arrow[field] : 0), 0);
  return {
    localPerSecond: sum("local", "requestsPerSecond"),
    remotePerSecond: sum("remote", "requestsPerSecond"),
    remoteBytesPerSecond: sum("remote", "bytesPerSecond"),
    leaked: samples.reduce((total, { leaked }) => total + leaked, 0),
  };
}
