import { resolveHost } from "./hosts.ts";
import { fieldsOf, itemsOf, textOf } from "../../input/loose.ts";
import { type KubeObject } from "./object.ts";
import { documentOf, objectOf, readObjects, type InventoryFile } from "./read.ts";
import { splitList, type SplitList } from "./split.ts";

/** What a request may have to do with. */
export interface Concern {
  /** What it names: the Host header. */
  host: string;
  /** Workloads: of the caller, and those that rules name. */
  workloads: readonly string[];
}

/** With more names than these, reading everything takes no longer. */
const MAX_NAMES = 64;

/** What there is one of for each service, pod or workload, and little of which concerns a request. */
const MANY = ["Service", "EndpointSlice", "Pod", "DestinationRule", "VirtualService"];
const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"];

/**
 * Reads of the files only what may concern a request: of Lists, items whose text names what it has to do with, and all that is
 * not one of many. Tens of thousands of others need not be understood to answer it, and `validate` reads them all. Undefined
 * where that cannot be told, or something cannot be read: then everything is to be read.
 */
export function readConcerned(
  files: readonly InventoryFile[],
  { host, workloads }: Concern,
  domain: string,
): KubeObject[] | undefined {
  const lists: Part[] = [];
  const others: InventoryFile[] = [];
  for (const one of files) {
    const list = splitList(one.text);
    if (list) lists.push({ file: one.file, cluster: one.cluster, list, left: list.items });
    else others.push(one);
  }
  const { objects, problems } = readObjects(others);
  if (problems.length > 0) return undefined;
  const found = [...objects];
  try {
    const take = (wanted: Wanted) => {
      for (const part of lists) found.push(...takeFrom(part, wanted));
    };
    take((text, is) => {
      if (is("VirtualService")) return MAY_CONCERN.test(text) || text.includes(firstLabel(host));
      return ![...MANY, ...WORKLOADS].some(is);
    });
    const routes = [...found];
    const names = new Set([firstLabel(host), ...routes.flatMap((one) => destinationsOf(one, domain))]);
    if (names.size > MAX_NAMES) return undefined;
    const selectors = routes.filter(({ kind }) => kind === "Gateway").map(selectorOf);
    const all = [...names];
    take((text, is) => {
      if (is("Pod") && !is("EndpointSlice")) return false;
      if (WORKLOADS.some(is) && workloads.some((name) => text.includes(name))) return true;
      if (is("DestinationRule") && text.includes("*")) return true;
      if (is("Service") && selectors.some((values) => values.every((value) => text.includes(value))))
        return true;
      return all.some((name) => text.includes(name));
    });
    const pods = new Set(found.flatMap(podsOf));
    take(
      (text, is) =>
        is("Pod") && !is("EndpointSlice") && [...text.matchAll(NAMES)].some(([, name]) => pods.has(name!)),
    );
    return found;
  } catch {
    return undefined;
  }
}

/** A VirtualService that routes more than hosts which it names in full, or that others delegate to. */
const MAY_CONCERN = /\*|delegate|gateways|^(?!.*\bhosts\b)/s;
const NAMES = /\bname"?: ?"?([-.\w]+)/g;

interface Part extends Pick<InventoryFile, "file" | "cluster"> {
  list: SplitList;
  /** The items that are not taken yet. */
  left: string[];
}

/** Whether an item is to be read, by its text, and whether that names a kind. */
type Wanted = (text: string, is: (kind: string) => boolean) => boolean;

function takeFrom(part: Part, wanted: Wanted): KubeObject[] {
  const { list, file, cluster } = part;
  const taken: KubeObject[] = [];
  part.left = part.left.filter((text) => {
    if (!wanted(text, (kind) => text.includes(list.field("kind", kind)))) return true;
    const object = objectOf(documentOf(text), file, cluster);
    if (!object) throw new Error("no object");
    taken.push(object);
    return false;
  });
  return taken;
}

function firstLabel(host: string): string {
  return host.toLowerCase().split(/[.:]/, 1)[0]!;
}

/** The names of the services that a VirtualService leads to. */
function destinationsOf({ kind, spec, namespace }: KubeObject, domain: string): string[] {
  if (kind !== "VirtualService") return [];
  return itemsOf(spec.http)
    .flatMap((http) => itemsOf(fieldsOf(http).route))
    .map((one) => textOf(fieldsOf(fieldsOf(one).destination).host) ?? "")
    .map((host) => firstLabel(resolveHost(host, namespace, domain)));
}

function selectorOf({ spec }: KubeObject): string[] {
  return Object.values(fieldsOf(spec.selector)).map(String);
}

/** The pods behind an EndpointSlice. */
function podsOf({ kind, fields }: KubeObject): string[] {
  if (kind !== "EndpointSlice") return [];
  return itemsOf(fields.endpoints).flatMap((one) => textOf(fieldsOf(fieldsOf(one).targetRef).name) ?? []);
}
