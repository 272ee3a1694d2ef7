import type { ProxySample } from "../live/model.ts";
import { costOf } from "../live/cost.ts";
import type { Prices } from "../live/prices.ts";
import { flowKey, rates } from "../live/rates.ts";
import type { Governor } from "./governed.ts";
import {
  arrowId,
  boxOf,
  identityOf,
  type Identity,
  type PlacedService,
  type Proxy,
  type Topology,
} from "./topology.ts";
import type { Arrow, Box, ProxyView, Totals, Traffic } from "./view.ts";

/** What one look at a proxy brought: its sample, or why there is none. */
export interface Look {
  proxy: Proxy;
  /** The sample before it, and the one that rates are told against: a little older, for rates that do not jump. */
  earlier?: ProxySample | undefined;
  rated?: ProxySample | undefined;
  later?: ProxySample | undefined;
  error?: string | undefined;
}

/** With so few services, all are drawn, called or not. */
const SMALL_MESH = 12;

/** Puts together what the proxies carry. */
export function trafficOf(topology: Topology, looks: readonly Look[], governor: Governor): Traffic {
  const services = new Map(topology.services.map((service) => [service.id, service]));
  const boxes = new Map<string, Box>();
  const arrows: Arrow[] = [];
  const proxies: ProxyView[] = [];
  const totals: Totals = {
    localPerSecond: 0,
    remotePerSecond: 0,
    remoteBytesPerSecond: 0,
    leaked: 0,
    forged: 0,
  };

  for (const look of looks) {
    const identity = identityOf(look.proxy, look.later);
    const own = boxOf(identity, topology.services);
    const { id, cluster, namespace, workload } = identity;
    proxies.push({
      id,
      admin: look.proxy.admin,
      cluster,
      namespace,
      workload,
      ...(look.error !== undefined && { error: look.error }),
    });
    if (!boxes.has(own.id))
      boxes.set(
        own.id,
        own.service ? serviceBox(own.service, identity.cluster) : callerBox(own.id, identity),
      );
    if (!look.later) continue;
    arrows.push(...arrowsOf(look, look.later, identity, own.id, governor));
    noteHealth(boxes, services, look.later);
    totals.leaked += look.later.leaked;
    totals.forged += look.later.forged;
  }
  const called = arrows.filter(({ requests }) => requests > 0);
  for (const { local, requestsPerSecond, bytesPerSecond } of called) {
    if (local) totals.localPerSecond += requestsPerSecond;
    else {
      totals.remotePerSecond += requestsPerSecond;
      totals.remoteBytesPerSecond += bytesPerSecond;
    }
  }
  const shown = shownServices(topology, called);
  for (const id of shown) placeService(boxes, services.get(id), id, called, topology.clusters);
  const clusters = [...new Set([...topology.clusters, ...[...boxes.values()].map(({ cluster }) => cluster)])];
  const drawn = [...boxes.values()].filter(
    ({ kind, namespace, name, id }) =>
      kind !== "service" || shown.has(`${namespace}/${name}`) || called.some(({ from }) => from === id),
  );
  return {
    at: Date.now(),
    clusters,
    boxes: drawn,
    arrows: called,
    proxies,
    totals,
    hidden: topology.services.filter(({ id }) => !shown.has(id)).length,
  };
}

/** What the requests that cross cost, by a price table. */
export function costNow(looks: readonly Look[], prices: Prices): NonNullable<Traffic["cost"]> {
  const seen = looks.flatMap(({ rated, later }) => (later ? [{ earlier: rated, later }] : []));
  const { currency, amount, perHour } = costOf(seen, prices);
  return { currency, amount, ...(perHour !== undefined && { perHour }) };
}

function shownServices({ services }: Topology, called: readonly Arrow[]): Set<string> {
  if (services.length <= SMALL_MESH)
    return new Set([...services.map(({ id }) => id), ...called.map(({ service }) => service)]);
  return new Set(called.map(({ service }) => service));
}

function arrowsOf(
  { rated }: Look,
  later: ProxySample,
  identity: Identity,
  from: string,
  governor: Governor,
): Arrow[] {
  const byKey = new Map(rates(rated, later).map((rate) => [flowKey(rate), rate]));
  return later.flows.map((flow) => {
    const { service, port, to = "?", requests } = flow;
    const rate = byKey.get(flowKey(flow));
    return {
      id: arrowId(identity, flow),
      proxy: identity.id,
      from,
      to: `${to}/${service}`,
      service,
      port,
      cluster: to,
      local: to === identity.cluster,
      requestsPerSecond: rate?.requestsPerSecond ?? 0,
      errorsPerSecond: rate?.errorsPerSecond ?? 0,
      bytesPerSecond: rate?.bytesPerSecond ?? 0,
      requests,
      governed: governor.of(identity, service),
    };
  });
}

function serviceBox({ namespace, name, places }: PlacedService, cluster: string): Box {
  const place = places.get(cluster);
  return {
    id: `${cluster}/${namespace}/${name}`,
    cluster,
    namespace,
    name,
    kind: "service",
    ...(place?.version !== undefined && { version: place.version }),
    ...(place && { endpoints: place.endpoints }),
  };
}

function callerBox(id: string, { cluster, namespace, name, kind }: Identity): Box {
  return { id, cluster, namespace, name, kind: kind === "gateway" ? "gateway" : "caller" };
}

/** A service's boxes: where the inventory has it, and where requests go. */
function placeService(
  boxes: Map<string, Box>,
  service: PlacedService | undefined,
  id: string,
  called: readonly Arrow[],
  clusters: readonly string[],
): void {
  const slash = id.indexOf("/");
  const [namespace, name] = slash < 0 ? ["", id] : [id.slice(0, slash), id.slice(slash + 1)];
  const goes = called.filter((arrow) => arrow.service === id).map(({ cluster }) => cluster);
  for (const cluster of new Set([...clusters.filter((cluster) => service?.places.has(cluster)), ...goes])) {
    const key = `${cluster}/${id}`;
    if (boxes.has(key)) continue;
    boxes.set(
      key,
      service ? serviceBox(service, cluster) : { id: key, cluster, namespace, name, kind: "service" },
    );
  }
}

/** An endpoint is healthy to the page when it is to each proxy that knows it. */
function noteHealth(
  boxes: Map<string, Box>,
  services: ReadonlyMap<string, PlacedService>,
  { flows }: ProxySample,
): void {
  for (const { service, to, endpoints, healthy } of flows) {
    if (to === undefined) continue;
    const key = `${to}/${service}`;
    const known = services.get(service);
    const box = boxes.get(key) ?? (known && serviceBox(known, to));
    if (!box) continue;
    box.endpoints = Math.max(box.endpoints ?? 0, endpoints);
    box.healthy = Math.min(box.healthy ?? Infinity, healthy);
    boxes.set(key, box);
  }
}
