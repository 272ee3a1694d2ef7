import { filter, wasm } from "./filters.ts";
import { LOCAL } from "./names.ts";
import type { Variant } from "./variants.ts";

/** What version 1 of this project configured: a header, header_to_metadata, and a subset load balancer. */
export function version1(module: string): Variant {
  const configuration = {
    version: 1,
    localCluster: LOCAL,
    rules: [{ services: ["default/reviews"], mode: "strict" }],
    pin: { headers },
  };
  return {
    title: "version 1, strict, with its evidence",
    filters: [wasm(module, configuration), headerToMetadata],
    cluster: subsets,
    pinned: true,
    counter: "wasmcustom.cluster_local.requests.retained",
  };
}

/** As long as version 1's own names, which are not to be found in this repository any more. */
const headers = { cluster: "x-version-1-pin", order: "x-version-1-pin-order" };

const headerToMetadata = filter("envoy.filters.http.header_to_metadata", "header_to_metadata.v3.Config", {
  request_rules: [
    rule(headers.cluster, { key: "cluster", type: "STRING" }),
    rule(headers.order, { key: "fallback_list", type: "PROTOBUF_VALUE", encode: "BASE64" }),
  ],
});

function rule(header: string, value: object): object {
  return { header, on_header_present: { metadata_namespace: "envoy.lb", ...value }, remove: true };
}

/** What makes an Envoy cluster choose endpoints by metadata. */
export const subsets = {
  lb_subset_config: {
    fallback_policy: "ANY_ENDPOINT",
    subset_selectors: [{ keys: ["cluster"], fallback_policy: "NO_FALLBACK" }],
    metadata_fallback_policy: "FALLBACK_LIST",
  },
};
