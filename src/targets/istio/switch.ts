import { envoyFilter, nameOf } from "./envoy-filter/resource.ts";
import type { Mesh } from "./mesh.ts";
import type { Resource } from "./resource.ts";
import { pluginResources } from "./resources.ts";

/**
 * With `enabled: false`: every EnvoyFilter that there may be, empty, so that applying it takes effect at once, and the filter
 * told to leave all requests alone. The subsets stay where they are; nothing leads to them.
 */
export function switchedOff(mesh: Mesh): Resource[] {
  const { policy, inventory, options } = mesh;
  if (options.routing === "mesh-config") return [];
  const known = [...inventory.ours.filter(({ kind }) => kind === "EnvoyFilter"), ...(options.known ?? [])];
  const names = new Set([
    ...policy.clusters.map((cluster) => `${options.rootNamespace}/${nameOf(cluster)}`),
    ...known.map(({ namespace, name }) => `${namespace}/${name}`),
  ]);
  const filters = [...names].map((one) => {
    const [namespace, name] = one.split("/") as [string, string];
    return envoyFilter(name, [], namespace);
  });
  return [...filters, ...pluginResources({ leftOut: [] }, mesh)];
}
