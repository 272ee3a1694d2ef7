import { PIN_HEADERS } from "../../policy/extras.ts";
import type { Fields } from "../../input/loose.ts";
import { own, type Resource } from "./resource.ts";

const TARGET = PIN_HEADERS.target;
const MANAGER = "envoy.filters.network.http_connection_manager";
const EXTENSIONS = "type.googleapis.com/envoy.extensions";

/**
 * A first route in every virtual host of the sidecars, and of gateways where these pin requests, for requests that the
 * filter gave the name of an Envoy cluster. It stands for whatever route the request would take, so nothing of that one applies. What clients send under the filter's
 * names is gone before any route is chosen: such a route believes its header even where the filter could not be loaded.
 */
export function envoyFilter(namespace: string, atGateways: boolean): Resource {
  const route = {
    name: "cluster-local",
    match: { prefix: "/", headers: [{ name: TARGET, present_match: true }] },
    route: { cluster_header: TARGET, timeout: "0s" },
    request_headers_to_remove: [TARGET],
  };
  return own("networking.istio.io/v1alpha3", "EnvoyFilter", namespace, "cluster-local", {
    configPatches: [
      ...["SIDECAR_OUTBOUND", "GATEWAY"].map(withoutForged),
      ...["SIDECAR_OUTBOUND", ...(atGateways ? ["GATEWAY"] : [])].map((context) => ({
        applyTo: "HTTP_ROUTE",
        match: { context },
        patch: { operation: "INSERT_FIRST", value: route },
      })),
    ],
  });
}

/** envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation in the connection managers of a context. */
function withoutForged(context: string): Fields {
  const mutation = {
    name: "envoy.http.early_header_mutation.header_mutation",
    typed_config: {
      "@type": `${EXTENSIONS}.http.early_header_mutation.header_mutation.v3.HeaderMutation`,
      mutations: [PIN_HEADERS.cluster, PIN_HEADERS.order, TARGET].map((remove) => ({ remove })),
    },
  };
  const manager = {
    "@type": `${EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    early_header_mutation_extensions: [mutation],
  };
  return {
    applyTo: "NETWORK_FILTER",
    match: { context, listener: { filterChain: { filter: { name: MANAGER } } } },
    patch: { operation: "MERGE", value: { name: MANAGER, typed_config: manager } },
  };
}
