import type { ProxySample } from "../live/model.ts";
import type { Identity, PlacedService, Topology } from "./topology.ts";
import type { Arrow, Box } from "./view.ts";

/** With so few services, all are drawn, called or not. */
const SMALL_MESH = 12;
/** So many services fit a picture; those that are called most. The table has the others. */
const DRAWN = 30;

/** A proxy and the box that its requests come from. */
export interface Source {
  identity: Identity;
  box: string;
  service: PlacedService | undefined;
}

/** The boxes of the picture, and how many services have none. */
export function boxesOf(
  topology: Topology,
  sources: readonly Source[],
  arrows: readonly Arrow[],
  samples: readonly ProxySample[],
): { boxes: Box[]; hidden: number } {
  const shown = shownServices(topology, arrows);
  const callers = new Set(arrows.map(({ from }) => from));
  const boxes = new Map<string, Box>();
  for (const { identity, box, service } of sources) {
    if (boxes.has(box) || (service && !shown.has(service.id) && !callers.has(box))) continue;
    boxes.set(box, service ? serviceBox(service, identity.cluster) : callerBox(box, identity));
  }
  const services = new Map(topology.services.map((service) => [service.id, service]));
  for (const id of shown) {
    const places = [...(services.get(id)?.places.keys() ?? [])];
    const called = arrows.filter(({ service }) => service === id).map(({ cluster }) => cluster);
    for (const cluster of new Set([...places, ...called])) {
      const key = `${cluster}/${id}`;
      if (!boxes.has(key)) boxes.set(key, serviceBox(services.get(id) ?? unlisted(id), cluster));
    }
  }
  for (const sample of samples) noteHealth(boxes, sample);
  const known = new Set([...services.keys(), ...arrows.map(({ service }) => service)]);
  return { boxes: [...boxes.values()], hidden: known.size - shown.size };
}

function shownServices({ services }: Topology, arrows: readonly Arrow[]): Set<string> {
  const requests = new Map<string, number>();
  // Since the proxies started, for by the rates of now the picture would not stand still.
  for (const arrow of arrows)
    requests.set(arrow.service, (requests.get(arrow.service) ?? 0) + arrow.requests);
  const called = [...requests].sort(([, a], [, b]) => b - a).map(([id]) => id);
  const few = services.length <= SMALL_MESH ? services.map(({ id }) => id) : [];
  return new Set([...few, ...called.slice(0, DRAWN)]);
}

/** A service that only a proxy knows: an external host, or one that the inventory does not have. */
function unlisted(id: string): PlacedService {
  const slash = id.indexOf("/");
  const [namespace, name] = slash < 0 ? ["", id] : [id.slice(0, slash), id.slice(slash + 1)];
  return { id, namespace, name, places: new Map() };
}

function serviceBox({ id, namespace, name, places }: PlacedService, cluster: string): Box {
  const place = places.get(cluster);
  return {
    id: `${cluster}/${id}`,
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

/** An endpoint is healthy to the page when it is to each proxy that knows it. */
function noteHealth(boxes: ReadonlyMap<string, Box>, { flows }: ProxySample): void {
  for (const { service, to, endpoints, healthy } of flows) {
    const box = to === undefined ? undefined : boxes.get(`${to}/${service}`);
    if (!box) continue;
    box.endpoints = Math.max(box.endpoints ?? 0, endpoints);
    box.healthy = Math.min(box.healthy ?? Infinity, healthy);
  }
}
