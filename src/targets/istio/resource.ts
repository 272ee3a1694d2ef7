import { digestOf } from "../../inventory/kubernetes/digest.ts";
import { MANAGED_BY, ORIGINAL, US, WOVEN } from "../../inventory/kubernetes/marks.ts";
import type { Fields } from "../../input/loose.ts";
import type { KubeObject } from "../../inventory/kubernetes/object.ts";

/** An object for `kubectl apply`. */
export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Fields;
}

/** A resource of our own. */
export function own(
  apiVersion: string,
  kind: string,
  namespace: string,
  name: string,
  spec: Fields,
): Resource {
  return { apiVersion, kind, metadata: { name, namespace, labels: { [MANAGED_BY]: US } }, spec };
}

export const NETWORKING = "networking.istio.io/v1";

/**
 * A resource of the user's with another spec. It keeps its name, for Istio does not merge VirtualServices of the same
 * host, and its labels, for it stays the user's; and it takes itself along as it was.
 */
export function woven(object: KubeObject, spec: Fields): Resource {
  const was = asItWas(object);
  const { annotations, ...metadata } = was.metadata;
  const marks = { [ORIGINAL]: JSON.stringify(was), [WOVEN]: digestOf(spec) };
  return { ...was, metadata: { ...metadata, annotations: { ...annotations, ...marks } }, spec };
}

/** A resource of the user's, without what the API server and kubectl add. */
export function asItWas({
  apiVersion,
  kind,
  namespace,
  name,
  labels,
  annotations,
  spec,
}: KubeObject): Resource {
  const some = (entries: Record<string, string>) => Object.keys(entries).length > 0;
  return {
    apiVersion,
    kind,
    metadata: {
      ...{ name, namespace },
      ...(some(labels) && { labels }),
      ...(some(annotations) && { annotations }),
    },
    spec,
  };
}

/** The order in which a cluster should get them: subsets, the routes to them, and then what sets the header. */
const ORDER = ["DestinationRule", "VirtualService", "EnvoyFilter", "TrafficExtension", "WasmPlugin"];

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
