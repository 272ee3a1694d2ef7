import { HOST, LOCAL } from "./names.ts";

/** Lua is not told the route's Envoy cluster; the benchmark's routes are named like the host. */
const decide = `
local rules = { ["${HOST}"] = "strict" }
local function is_strict(handle)
  return rules[string.match(handle:streamInfo():routeName(), "^[^:]*")] == "strict"
end`;

/** The least that pins: the metadata that a subset load balancer reads. No second look at the route, no evidence. */
export const pinByMetadata = `${decide}
function envoy_on_request(handle)
  if is_strict(handle) then
    handle:streamInfo():dynamicMetadata():set("envoy.lb", "cluster", "${LOCAL}")
  end
end`;

/** The same pin as cluster-local's, for the same route. No evidence. */
export const pinByState = `${decide}
function envoy_on_request(handle)
  if is_strict(handle) then
    handle:streamInfo():filterState():set("wasm.cluster_local_pin", "envoy.string", "${LOCAL}")
    handle:clearRouteCache()
  end
end`;
