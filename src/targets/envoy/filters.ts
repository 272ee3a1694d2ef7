import { PIN_HEADERS } from "../../policy/extras.ts";
import { CLUSTER_KEY, FALLBACK_KEY, LB, PLUGIN } from "./names.ts";
import { any, typeUrl, type Message } from "./types.ts";

const HEADER_TO_METADATA = "envoy.filters.http.header_to_metadata";
const ROUTER = "envoy.filters.http.router";

/**
 * The HTTP filters of a caller. Ours comes first and removes what the client sent under the headers of the pin, so that
 * header_to_metadata reads only what it wrote.
 *
 * @param ecdsPath the file that the filter's configuration comes from; undefined for a caller without the filter
 */
export function httpFilters(ecdsPath: string | undefined): Message[] {
  const router = { name: ROUTER, typed_config: any("envoy.extensions.filters.http.router.v3.Router", {}) };
  return ecdsPath === undefined ? [router] : [wasm(ecdsPath), headerToMetadata(), router];
}

/** By discovery from a file, so that a new configuration takes effect without a restart: replace the file by rename. */
function wasm(ecdsPath: string): Message {
  return {
    name: PLUGIN,
    config_discovery: {
      config_source: { path_config_source: { path: ecdsPath }, resource_api_version: "V3" },
      type_urls: [typeUrl("envoy.extensions.filters.http.wasm.v3.Wasm")],
    },
  };
}

/** envoy.extensions.filters.http.header_to_metadata.v3.Config: the pin becomes what the subset load balancer matches. */
function headerToMetadata(): Message {
  const namespace = { metadata_namespace: LB };
  return {
    name: HEADER_TO_METADATA,
    typed_config: any("envoy.extensions.filters.http.header_to_metadata.v3.Config", {
      request_rules: [
        {
          header: PIN_HEADERS.cluster,
          on_header_present: { ...namespace, key: CLUSTER_KEY, type: "STRING" },
          remove: true,
        },
        {
          header: PIN_HEADERS.order,
          on_header_present: { ...namespace, key: FALLBACK_KEY, type: "PROTOBUF_VALUE", encode: "BASE64" },
          remove: true,
        },
      ],
    }),
  };
}
