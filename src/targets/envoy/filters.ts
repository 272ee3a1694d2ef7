import { fromFile } from "./discovery.ts";
import { PLUGIN } from "./names.ts";
import { any, typeUrl, type Message } from "./types.ts";

const ROUTER = "envoy.filters.http.router";

/**
 * The HTTP filters of a caller.
 *
 * @param ecdsPath the file that our filter comes from, watched; undefined for a caller without the filter
 */
export function httpFilters(ecdsPath: string | undefined): Message[] {
  const router = { name: ROUTER, typed_config: any("envoy.extensions.filters.http.router.v3.Router", {}) };
  if (ecdsPath === undefined) return [router];
  const discovery = {
    config_source: fromFile(ecdsPath),
    type_urls: [typeUrl("envoy.extensions.filters.http.wasm.v3.Wasm")],
  };
  return [{ name: PLUGIN, config_discovery: discovery }, router];
}
