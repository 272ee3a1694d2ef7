import { digestOf } from "../../inventory/kubernetes/digest.ts";
import { MANAGED_BY, US } from "../../inventory/kubernetes/marks.ts";
import type { Fields } from "../../input/loose.ts";
import { titleOf } from "../../inventory/kubernetes/object.ts";
import { REVISION } from "../../istio/revisions.ts";

/** An object for `kubectl apply`, ours alone. */
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  spec: Fields;
}

export function own(
  apiVersion: string,
  kind: string,
  namespace: string,
  name: string,
  spec: Fields,
): Resource {
  return { apiVersion, kind, metadata: { name, namespace, labels: { [MANAGED_BY]: US } }, spec };
}

/** The same for one istiod alone. */
export function ofRevision(resource: Resource, revision: string | undefined): Resource {
  if (revision === undefined) return resource;
  const { metadata } = resource;
  return { ...resource, metadata: { ...metadata, labels: { ...metadata.labels, [REVISION]: revision } } };
}

/** `DestinationRule default/cluster-local-reviews`. */
export function titleOfResource({ kind, metadata: { namespace, name } }: Resource): string {
  return titleOf({ kind, namespace, name });
}

/** The order in which a cluster should get them: subsets, what leads to them, and then the filter. */
const ORDER = ["DestinationRule", "EnvoyFilter", "TrafficExtension", "WasmPlugin"];

export function byOrder(a: Resource, b: Resource): number {
  const key = ({ kind, metadata }: Resource) =>
    `${ORDER.indexOf(kind)} ${metadata.namespace} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}

/**
 * File systems take names of 255 bytes, and a file is written under a somewhat longer one first (files/write.ts); a resource's
 * name alone may have 253.
 */
const MAX_FILE_NAME = 200;

/** The name of a resource's file; in the order of `byOrder`, so that `kubectl apply -f DIR` follows it. */
export function fileOf({ kind, metadata: { namespace, name } }: Resource): string {
  const plain = `${ORDER.indexOf(kind) + 1}-${kind.toLowerCase()}.${namespace}.${name}`;
  if (plain.length <= MAX_FILE_NAME) return `${plain}.yaml`;
  return `${plain.slice(0, MAX_FILE_NAME)}.${digestOf(name)}.yaml`;
}

/** What `fileOf` writes. */
export const OUR_FILES = /^[1-4]-(?:destinationrule|envoyfilter|trafficextension|wasmplugin)\..+\.yaml$/;
