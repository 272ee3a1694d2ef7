import { isSameAdmin } from "../live/admin/client.ts";
import type { Flow, ProxySample } from "../live/model.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Caller, Mesh } from "../inventory/model.ts";

/** What stands where, from an inventory of either kind. */
export interface Topology {
  clusters: readonly string[];
  services: readonly PlacedService[];
  /** The proxies to look at. */
  proxies: readonly Proxy[];
}

export interface PlacedService {
  /** `namespace/name`. */
  id: string;
  namespace: string;
  name: string;
  /** By cluster: how many endpoints, and their label `version`. */
  places: ReadonlyMap<string, Place>;
}

interface Place {
  endpoints: number;
  version?: string | undefined;
}

/** A proxy, before it was ever asked. */
export interface Proxy {
  /** `127.0.0.1:15000`. */
  admin: string;
  /** Undefined where only the address is known: then the proxy itself says who it is. */
  caller: Caller | undefined;
}

export const addressOf = ({ host, port }: { host: string; port: number }) =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** From mesh.yaml. The proxies are its callers, or those at the given addresses. */
export function topologyOfMesh(mesh: Mesh, admins?: readonly string[]): Topology {
  const services = new Map<string, PlacedService & { places: Map<string, Place> }>();
  for (const { namespace, name, endpoints } of mesh.services) {
    const id = `${namespace}/${name}`;
    const service = services.get(id) ?? { id, namespace, name, places: new Map<string, Place>() };
    services.set(id, service);
    for (const { cluster, labels } of endpoints) {
      const place = service.places.get(cluster);
      service.places.set(cluster, {
        endpoints: (place?.endpoints ?? 0) + 1,
        version: place?.version ?? labels.version,
      });
    }
  }
  const known = mesh.callers.map((caller) => ({ admin: addressOf(caller.admin), caller }));
  const proxies = admins?.map(
    (admin) => known.find((one) => isSameAdmin(one.admin, admin)) ?? { admin, caller: undefined },
  );
  return { clusters: mesh.clusters, services: [...services.values()], proxies: proxies ?? known };
}

/** From Kubernetes objects, which do not say where proxies are. */
export function topologyOfKubernetes(
  inventory: Inventory,
  clusters: readonly string[],
  admins: readonly string[],
): Topology {
  const services = [...inventory.services.values()].map(({ namespace, name, endpoints }) => ({
    id: `${namespace}/${name}`,
    namespace,
    name,
    places: new Map([...endpoints].map(([cluster, count]) => [cluster, { endpoints: count }])),
  }));
  return { clusters, services, proxies: admins.map((admin) => ({ admin, caller: undefined })) };
}

/** A proxy by what the inventory or it itself says of it. */
export interface Identity {
  /** `m1c1/productpage`. */
  id: string;
  cluster: string;
  namespace: string;
  /** The workload's or the caller's name. */
  name: string;
  workload: string;
  kind: "sidecar" | "gateway";
  filtered: boolean;
}

export function identityOf({ admin, caller }: Proxy, sample: ProxySample | undefined): Identity {
  if (caller) {
    const { cluster, name, namespace, workload, kind, plugin } = caller;
    return { id: `${cluster}/${name}`, cluster, namespace, name, workload, kind, filtered: plugin };
  }
  const { cluster = "?", namespace = "?", workload = admin } = sample?.proxy ?? {};
  return {
    id: `${cluster}/${namespace}/${workload}`,
    cluster,
    namespace,
    name: workload,
    workload,
    kind: "sidecar",
    filtered: true,
  };
}

/** What tells the arrows of the picture apart. */
export function arrowId(
  { id }: Identity,
  { service, port, to }: Pick<Flow, "service" | "port" | "to">,
): string {
  return `${id} ${service}:${port ?? ""} ${to ?? "?"}`;
}

/** The box that a proxy's requests come from: its service's, where it has one, or one of its own. */
export function boxOf(
  identity: Identity,
  services: readonly PlacedService[],
): { id: string; service: PlacedService | undefined } {
  const { cluster, namespace, name, workload } = identity;
  const service = services.find(
    (one) =>
      one.namespace === namespace &&
      one.places.has(cluster) &&
      (one.name === name || one.name === workload || one.name === workload.replace(/-v\d+$/, "")),
  );
  return { id: `${cluster}/${namespace}/${service?.name ?? name}`, service };
}
