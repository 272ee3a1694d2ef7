import type { Problem } from "../../input/problem.ts";
import { resolveHost } from "./hosts.ts";
import { digestOf, isEqual } from "./digest.ts";
import { readConcerned, type Concern } from "./lean.ts";
import { LAST_APPLIED, MANAGED_BY, ORIGINAL, US, WOVEN } from "./marks.ts";
import { textsOf } from "../../input/loose.ts";
import { problemOf, titleOf, type KubeObject } from "./object.ts";
import { objectOf, readObjects, type InventoryFile } from "./read.ts";
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
  gateways: readonly KubeObject[];
  /** The labels of workloads' pods, by `namespace/name`, as far as they are known. */
  workloads: ReadonlyMap<string, Record<string, string>>;
  /** The labels of pods, by `cluster namespace/name`, where the files have Pods. */
  pods: ReadonlyMap<string, Record<string, string>>;
  /** Routes of the Gateway API. */
  routes: readonly KubeObject[];
  /** What an earlier run made, woven resources of the user's included. */
  ours: readonly KubeObject[];
}

const EMPTY: readonly KubeObject[] = [];
/** Without an inventory. */
export const UNKNOWN: Inventory = {
  services: new Map(),
  serviceEntries: new Map(),
  workloads: new Map(),
  pods: new Map(),
  ...{ virtualServices: EMPTY, destinationRules: EMPTY, gateways: EMPTY, routes: EMPTY, ours: EMPTY },
};

/**
 * Understands the files of an inventory; every problem is reported.
 *
 * @param concern read only what may concern a request
 */
export function readInventory(
  files: readonly InventoryFile[],
  clusters: readonly string[],
  domain: string,
  concern?: Concern,
): { inventory: Inventory; problems: Problem[] } {
  const concerned = concern && readConcerned(files, concern, domain);
  const { objects, problems } = concerned ? { objects: concerned, problems: [] } : readObjects(files);
  const read = inventoryFrom(objects, clusters, domain);
  return { ...read, problems: [...problems, ...read.problems] };
}

/** Understands objects, wherever they are from. */
export function inventoryFrom(
  objects: readonly KubeObject[],
  clusters: readonly string[],
  domain: string,
): { inventory: Inventory; problems: Problem[] } {
  const problems: Problem[] = [];
  const ours = objects.filter(isOurs);
  const users = objects.flatMap((object) => userOwned(object, problems));
  const istio = (kind: string) =>
    distinct(
      users.filter((object) => object.kind === kind && object.apiVersion.startsWith("networking.istio.io/")),
      problems,
    );
  const serviceEntries = istio("ServiceEntry").flatMap((entry) =>
    textsOf(entry.spec.hosts).map((host) => [resolveHost(host, entry.namespace, domain), entry] as const),
  );
  const inventory = {
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
    routes: users.filter(({ kind }) => kind === "HTTPRoute" || kind === "GRPCRoute"),
    ours: distinct(ours, []),
  };
  return { inventory, problems };
}

/** What a pod is called among those of all clusters. */
export function podKey(cluster: string | undefined, namespace: string, name: string): string {
  return `${cluster ?? ""} ${namespace}/${name}`;
}

function isOurs({ labels, annotations }: KubeObject): boolean {
  return labels[MANAGED_BY] === US || annotations[ORIGINAL] !== undefined;
}

/** The user's part of an object: all of it, what it was before we wove into it, or nothing. */
function userOwned(object: KubeObject, problems: Problem[]): KubeObject[] {
  const original = object.annotations[ORIGINAL];
  if (original === undefined) {
    if (object.labels[MANAGED_BY] === US) return [];
    return [withoutMarks(object)];
  }
  const was = copyIn(original, object);
  if (object.annotations[WOVEN] !== digestOf(object.spec)) {
    // Helm, Argo CD and Flux put a user's spec back and leave the annotations of others where they are.
    if (was && isEqual(was.spec, object.spec)) return [withoutMarks(object)];
    problems.push(problemOf(object, "spec", edited(object)));
    return [];
  }
  if (was) return [was];
  const message = "is no copy of the resource as it was, allowed: what cluster-local wrote";
  problems.push(problemOf(object, `metadata.annotations.${ORIGINAL}`, message));
  return [];
}

function withoutMarks(object: KubeObject): KubeObject {
  const marks = [ORIGINAL, WOVEN, LAST_APPLIED];
  const annotations = Object.entries(object.annotations).filter(([key]) => !marks.includes(key));
  return { ...object, annotations: Object.fromEntries(annotations) };
}

function copyIn(original: string, { file, cluster }: KubeObject): KubeObject | undefined {
  try {
    return objectOf(JSON.parse(original), file, cluster);
  } catch {
    return undefined;
  }
}

function edited({ apiVersion, kind, namespace, name }: KubeObject): string {
  const resource = `${kind.toLowerCase()}.${apiVersion.split("/")[0]} --namespace ${namespace} ${name}`;
  return `was edited after cluster-local wove into it, allowed: your own resource with the edit, applied in its place; where it is that already, only our marks are left: kubectl annotate ${resource} ${ORIGINAL}- ${WOVEN}-`;
}

/** One of each name, sorted. Clusters may each have a copy, as long as they agree. */
function distinct(objects: readonly KubeObject[], problems: Problem[]): KubeObject[] {
  const known = new Map<string, KubeObject>();
  for (const object of objects) {
    const key = titleOf(object);
    const other = known.get(key);
    if (!other) known.set(key, object);
    else if (!isEqual(other.spec, object.spec)) {
      const message = `differs from the one in ${other.file}, allowed: the same in every cluster (or generate for each cluster by itself, from its own files)`;
      problems.push(problemOf(object, "spec", message));
    }
  }
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}
