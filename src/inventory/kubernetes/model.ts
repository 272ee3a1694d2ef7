import type { Problem } from "../../input/problem.ts";
import { resolveHost } from "./hosts.ts";
import { isEqual } from "./digest.ts";
import { readConcerned, type Concern } from "./lean.ts";
import { MANAGED_BY, US } from "./marks.ts";
import { textsOf } from "../../input/loose.ts";
import { problemOf, titleOf, type KubeObject } from "./object.ts";
import { readObjects, type InventoryFile } from "./read.ts";
import { readWorkloads } from "./workloads.ts";
import { readServices, type KubeService } from "./services.ts";

/** What is in the mesh, as far as the files tell. */
export interface Inventory {
  /** By host. Empty when the files have none: then it is not known which services there are. */
  services: ReadonlyMap<string, KubeService>;
  /** Hosts that ServiceEntries add, with the entry. */
  serviceEntries: ReadonlyMap<string, KubeObject>;
  virtualServices: readonly KubeObject[];
  destinationRules: readonly KubeObject[];
  /** Istio's. */
  gateways: readonly KubeObject[];
  /** What callers import. */
  sidecars: readonly KubeObject[];
  /** The labels of workloads' pods, by `namespace/name`, as far as they are known. */
  workloads: ReadonlyMap<string, Record<string, string>>;
  /** The labels of pods, by `cluster namespace/name`, where the files have Pods. */
  pods: ReadonlyMap<string, Record<string, string>>;
  /** Routes of the Gateway API. */
  routes: readonly KubeObject[];
  /** Gateways of the Gateway API. */
  kubeGateways: readonly KubeObject[];
  /** Where pods, workloads and services are. */
  namespaces: ReadonlySet<string>;
  /** What an earlier run made. */
  ours: readonly KubeObject[];
  /** Resources of Istio's that differ between files: it is not known which of them counts. */
  disputed: readonly Disputed[];
  /** Clusters that were not asked for and have pods or endpoints, with the namespaces of these. */
  otherClusters: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A resource that one file has otherwise than another. */
export interface Disputed {
  object: KubeObject;
  /** As it was found first. */
  other: KubeObject;
  problem: Problem;
}

const EMPTY: readonly KubeObject[] = [];
/** Without an inventory. */
export const UNKNOWN: Inventory = {
  services: new Map(),
  serviceEntries: new Map(),
  workloads: new Map(),
  pods: new Map(),
  namespaces: new Set(),
  ...{
    virtualServices: EMPTY,
    destinationRules: EMPTY,
    gateways: EMPTY,
    sidecars: EMPTY,
    kubeGateways: EMPTY,
  },
  ...{ routes: EMPTY, ours: EMPTY, disputed: [], otherClusters: new Map() },
};

/**
 * Understands the files of an inventory; every problem is reported, but for what stands in `disputed`.
 *
 * @param concern read only what may concern a request
 */
export function readInventory(
  files: readonly InventoryFile[],
  clusters: readonly string[],
  domain: string,
  concern?: Concern,
): { inventory: Inventory; objects: KubeObject[]; problems: Problem[] } {
  const concerned = concern && readConcerned(files, concern, domain);
  const { objects, problems } = concerned ? { objects: concerned, problems: [] } : readObjects(files);
  const inventory = inventoryFrom(objects, clusters, domain);
  return { inventory: { ...inventory, otherClusters: otherClusters(files, objects) }, objects, problems };
}

/** Understands objects, wherever they are from; what stands in several clusters alike is one. */
export function inventoryFrom(
  objects: readonly KubeObject[],
  clusters: readonly string[],
  domain: string,
): Inventory {
  const users = objects.filter((object) => !isOurs(object));
  const disputed: Disputed[] = [];
  const istio = (kind: string) =>
    distinct(
      users.filter((object) => object.kind === kind && object.apiVersion.startsWith("networking.istio.io/")),
      disputed,
    );
  const serviceEntries = istio("ServiceEntry").flatMap((entry) =>
    textsOf(entry.spec.hosts).map((host) => [resolveHost(host, entry.namespace, domain), entry] as const),
  );
  const gatewayApi = users.filter(({ apiVersion }) => apiVersion.startsWith("gateway.networking.k8s.io/"));
  return {
    services: readServices(users, clusters, domain),
    serviceEntries: new Map(serviceEntries),
    workloads: readWorkloads(users),
    pods: new Map(
      users
        .filter(({ kind, apiVersion }) => kind === "Pod" && apiVersion === "v1")
        .map((pod) => [podKey(pod.cluster, pod.namespace, pod.name), pod.labels]),
    ),
    virtualServices: istio("VirtualService"),
    destinationRules: istio("DestinationRule"),
    gateways: istio("Gateway"),
    sidecars: istio("Sidecar"),
    routes: gatewayApi.filter(({ kind }) => kind === "HTTPRoute" || kind === "GRPCRoute"),
    kubeGateways: gatewayApi.filter(({ kind }) => kind === "Gateway"),
    namespaces: new Set(users.filter(({ kind }) => INHABITANTS.has(kind)).map(({ namespace }) => namespace)),
    ours: distinct(objects.filter(isOurs), []),
    disputed,
    otherClusters: new Map(),
  };
}

const INHABITANTS = new Set(["Service", "Pod", "Deployment", "StatefulSet", "DaemonSet"]);

/** Beside files that are called as clusters, one with pods or endpoints is of a cluster, too. */
function otherClusters(
  files: readonly InventoryFile[],
  objects: readonly KubeObject[],
): Map<string, Set<string>> {
  const others = new Map<string, Set<string>>();
  if (!files.some(({ cluster }) => cluster !== undefined)) return others;
  const places = new Map(
    files.map(({ file, cluster, place }) => [file, cluster === undefined ? place : undefined]),
  );
  for (const { kind, file, namespace } of objects) {
    const place = kind === "Pod" || kind === "EndpointSlice" ? places.get(file) : undefined;
    if (place !== undefined) others.set(place, (others.get(place) ?? new Set()).add(namespace));
  }
  return others;
}

/** What a pod is called among those of all clusters. */
export function podKey(cluster: string | undefined, namespace: string, name: string): string {
  return `${cluster ?? ""} ${namespace}/${name}`;
}

/** Whether an object is one that cluster-local made. */
export function isOurs({ labels }: Pick<KubeObject, "labels">): boolean {
  return labels[MANAGED_BY] === US;
}

/** One of each name, sorted. Clusters may each have a copy, as long as they agree. */
function distinct(objects: readonly KubeObject[], disputed: Disputed[]): KubeObject[] {
  const known = new Map<string, KubeObject>();
  for (const object of objects) {
    const key = titleOf(object);
    const other = known.get(key);
    if (!other) known.set(key, object);
    else if (!isEqual(other.spec, object.spec)) {
      const message = `differs from the one in ${other.file}, allowed: the same in every cluster (or generate for each cluster by itself, from its own files)`;
      disputed.push({ object, other, problem: problemOf("CL0105", object, "spec", message) });
    }
  }
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}
