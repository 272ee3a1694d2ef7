import type { Fields } from "../../../input/loose.ts";
import { inName } from "../names.ts";
import { own, type Resource } from "../resource.ts";
import { line } from "../yaml.ts";

/** In bytes of JSON: kubectl keeps what it applied in an annotation, of which Kubernetes takes 256 KiB. */
const MAX_BYTES = 200_000;

/**
 * The EnvoyFilters with the patches of a cluster's proxies, as few as their size allows.
 *
 * @param groups patches whose order matters stay together: Istio takes EnvoyFilters by age, not by number
 */
export function envoyFilters(
  cluster: string,
  groups: readonly (readonly Fields[])[],
  rootNamespace: string,
): Resource[] {
  const parts: Fields[][] = [];
  let bytes = Infinity;
  for (const group of groups) {
    const size = group.reduce((sum, patch) => sum + Buffer.byteLength(line(patch)), 0);
    if (group.length > 0 && bytes + size > MAX_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    if (group.length > 0) parts.at(-1)!.push(...group);
    bytes += size;
  }
  return parts.map((configPatches, index) =>
    envoyFilter(nameOf(cluster, index), configPatches, rootNamespace),
  );
}

/** The name of the first one, and of those after it. */
export function nameOf(cluster: string, index = 0): string {
  return `cluster-local-${inName(cluster)}${index === 0 ? "" : `.${index + 1}`}`;
}

export function envoyFilter(name: string, configPatches: Fields[], rootNamespace: string): Resource {
  return own("networking.istio.io/v1alpha3", "EnvoyFilter", rootNamespace, name, { configPatches });
}
