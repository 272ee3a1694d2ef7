import type { Service } from "../../../src/inventory/model.ts";
import { specifier } from "../../../src/targets/envoy/specifier.ts";
import { LOCAL, MERGED, outbound, SERVICE } from "./names.ts";

/** The part of a route's action that says which Envoy cluster the request goes to. */
export type Destination = Record<string, unknown>;

/** Every endpoint. */
export const merged: Destination = { cluster: MERGED };
/** The local endpoints, for every request. */
export const local: Destination = { cluster: outbound(LOCAL) };
/** The pin decides, as generated. */
export const byPin: Destination = {
  inline_cluster_specifier_plugin: specifier(
    [{ service: SERVICE as Service, pins: [LOCAL] }],
    "cluster.local",
    0,
  ),
};
