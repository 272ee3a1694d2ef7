import type { Inventory } from "../inventory/kubernetes/model.ts";
import { fieldsOf, itemsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { byAge } from "../istio/visibility.ts";

/** MeshConfig's rootNamespace, unless the mesh says otherwise. */
export const ROOT_NAMESPACE = "istio-system";

/** A VirtualService or DestinationRule. */
export type Resource = Pick<KubeObject, "kind" | "namespace" | "name" | "spec">;

/** The resources that concern a request; the oldest first, as istiod sorts them. */
export interface Resources {
  virtualServices: Resource[];
  destinationRules: Resource[];
  notes: string[];
}

/** @param near the VirtualServices by which the request may be routed */
export function resourcesFor(inventory: Inventory, near: readonly KubeObject[]): Resources {
  return {
    virtualServices: withDelegates(near, inventory.virtualServices).sort(byAge),
    destinationRules: [...inventory.destinationRules].sort(byAge),
    notes: [],
  };
}

/** Also those that they delegate to. */
function withDelegates(near: readonly KubeObject[], all: readonly KubeObject[]): KubeObject[] {
  const delegates = new Set(near.flatMap(delegatesOf));
  return [...new Set([...near, ...all.filter((one) => delegates.has(`${one.namespace}/${one.name}`))])];
}

function delegatesOf({ spec, namespace }: KubeObject): string[] {
  return itemsOf(spec.http)
    .map((http) => fieldsOf(fieldsOf(http).delegate))
    .filter(({ name }) => name !== undefined)
    .map((one) => `${textOf(one.namespace) ?? namespace}/${String(one.name)}`);
}

/** Whether callers of a namespace see a resource. */
export function isVisible({ spec: { exportTo }, namespace }: Resource, caller: string): boolean {
  const to = exportedTo(exportTo, namespace);
  return to.length === 0 || to.includes("*") || to.includes(caller);
}

/** The namespaces of an exportTo, `.` resolved. */
export function exportedTo(exportTo: Fields[string], namespace: string): string[] {
  return textsOf(exportTo).map((one) => (one === "." ? namespace : one));
}
