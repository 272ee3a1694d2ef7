import { PIN_HEADERS } from "../../policy/extras.ts";
import { own, type Resource } from "./resource.ts";

const TARGET = PIN_HEADERS.target;

/**
 * A first route in every virtual host of the sidecars, for requests that the filter gave the name of an Envoy cluster. It
 * stands for whatever route the request would take, so nothing of that one applies.
 */
export function envoyFilter(namespace: string): Resource {
  const route = {
    name: "cluster-local",
    match: { prefix: "/", headers: [{ name: TARGET, present_match: true }] },
    route: { cluster_header: TARGET, timeout: "0s" },
    request_headers_to_remove: [TARGET],
  };
  return own("networking.istio.io/v1alpha3", "EnvoyFilter", namespace, "cluster-local", {
    configPatches: [
      {
        applyTo: "HTTP_ROUTE",
        match: { context: "SIDECAR_OUTBOUND" },
        patch: { operation: "INSERT_FIRST", value: route },
      },
    ],
  });
}
