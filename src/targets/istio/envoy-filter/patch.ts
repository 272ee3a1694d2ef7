import type { Fields } from "../../../input/loose.ts";

export type Context = "SIDECAR_OUTBOUND" | "GATEWAY";

/** Of which cluster's proxies a patch is, and of which kind and version. */
export interface Proxies {
  context: Context;
  /** Undefined: those of every cluster. */
  cluster?: string;
  /** Only those that have the matcher cluster specifier, and the stats access logger. */
  specifier?: boolean;
}

/** 1.30 and newer; development builds are called `1.31-alpha.<commit>`. */
export const WITH_SPECIFIER = "^(1[.](3[0-9]|[4-9][0-9]|[1-9][0-9][0-9]+)|[2-9]|[1-9][0-9]+)([.-].*)?$";

/** An entry of an EnvoyFilter's `configPatches`. */
export function patch(
  applyTo: string,
  { context, cluster, specifier }: Proxies,
  match: Fields,
  operation: "MERGE" | "ADD" | "REMOVE",
  value?: Fields,
): Fields {
  const proxy = {
    ...(specifier === true && { proxyVersion: WITH_SPECIFIER }),
    ...(cluster !== undefined && { metadata: { CLUSTER_ID: cluster } }),
  };
  return {
    applyTo,
    match: { context, proxy, ...match },
    patch: { operation, ...(value && { value }) },
  };
}
