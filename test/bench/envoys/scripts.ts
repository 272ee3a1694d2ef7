import { HOST, LOCAL } from "./filters.ts";

/** Lua is not told the route's cluster; the benchmark's routes are named like theirs. */
const decide = `
local rules = { ["${HOST}"] = "strict" }
local function mode_of(handle)
  return rules[string.match(handle:streamInfo():routeName(), "^[^:]*")]
end`;

/**
 * The same job in Lua, as far as Lua goes: by headers, with counters (Envoy 1.38 and later have them) and evidence for
 * access logs. It cannot see the endpoint's metadata, so its evidence is whether an endpoint answered, not which cluster's.
 */
export const sameJob = `${decide}
local orders = {}
local function count(handle, name)
  if handle.stats then handle:stats():counter(name):inc() end
end

function envoy_on_request(handle)
  local mode = mode_of(handle)
  local headers = handle:headers()
  if mode == "strict" then headers:replace("x-cluster-local", "${LOCAL}")
  elseif headers:get("x-cluster-local") then headers:remove("x-cluster-local") end
  if mode == "prefer" then headers:replace("x-cluster-local-order", orders[mode])
  elseif headers:get("x-cluster-local-order") then headers:remove("x-cluster-local-order") end
  if mode == nil then return end
  handle:streamInfo():dynamicMetadata():set("cluster_local", "mode", mode)
  count(handle, "cluster_local.requests.retained")
end

function envoy_on_response(handle)
  local metadata = handle:streamInfo():dynamicMetadata()
  local known = metadata:get("cluster_local")
  if known == nil then return end
  local where = handle:headers():get("x-envoy-upstream-service-time") and "upstream" or "none"
  metadata:set("cluster_local", "where", where)
  count(handle, "cluster_local.upstream." .. where)
end`;

/** The least that pins: Lua can write the load balancer's metadata, which Wasm cannot. No evidence of any kind. */
export const pinOnly = `${decide}
function envoy_on_request(handle)
  if mode_of(handle) == "strict" then
    handle:streamInfo():dynamicMetadata():set("envoy.lb", "cluster", "${LOCAL}")
  end
end`;
