import type { KubeObject } from "../inventory/kubernetes/object.ts";
import type { KubeService } from "../inventory/kubernetes/services.ts";
import type { Mesh } from "../targets/istio/mesh.ts";

/** What the files tell of a mesh, and what a policy makes of it. */
export interface Known {
  mesh: Mesh;
  /** All objects, of whatever kind. */
  objects: readonly KubeObject[];
}

/** The services that some rule keeps in a cluster, or there while it can. */
export function kept({ mesh }: Known): KubeService[] {
  return mesh.governed.filter(({ strict, prefer }) => strict || prefer).map(({ service }) => service);
}

/** Objects of a kind, by the group of its API. */
export function ofKind({ objects }: Known, group: string, ...kinds: readonly string[]): KubeObject[] {
  return objects.filter(({ kind, apiVersion }) => {
    const slash = apiVersion.indexOf("/");
    return kinds.includes(kind) && (slash < 0 ? "" : apiVersion.slice(0, slash)) === group;
  });
}
