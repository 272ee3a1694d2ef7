import { headerToMetadata, LOCAL, lua, wasm, type Filter } from "./filters.ts";
import { pinOnly, sameJob } from "./scripts.ts";

/** One Envoy of the comparison. */
export interface Variant {
  /** What the table calls it. */
  readonly title: string;
  readonly filters: readonly Filter[];
  /** Every response must come from the local cluster; else both clusters answer in turn. */
  readonly pinned: boolean;
  /** The counter of Envoy's that must count each request: a filter that does nothing would be fast. */
  readonly counter?: string;
  /** The route has a `metadata_match`: Envoy's own pin, the same for all requests of a route. */
  readonly native?: true;
}

/** Paths of the modules to compare. */
export interface Modules {
  readonly ours: string;
  readonly noop: string;
  readonly calls: string;
  readonly sdk: string;
}

/** Pins all requests of the benchmark. */
export const strictConfiguration = {
  version: 1,
  localCluster: LOCAL,
  rules: [{ services: ["default/reviews"], mode: "strict" }],
};
/** Names another service than the one that gets the requests. */
export const otherConfiguration = {
  ...strictConfiguration,
  rules: [{ services: ["default/ratings"], mode: "strict" }],
};

/** The Envoys of the comparison, by name. */
export function variants({ ours, noop, calls, sdk }: Modules) {
  return {
    none: { title: "no filter", filters: [], pinned: false },
    noop: { title: "no-op Wasm filter", filters: [wasm(noop, {})], pinned: false },
    alone: {
      title: "cluster-local, no rule matches",
      filters: [wasm(ours, otherConfiguration)],
      pinned: false,
    },
    aloneCalls: { title: "the host calls of that alone", filters: [wasm(calls, {})], pinned: false },
    strict: { title: "cluster-local, strict", ...pinning(wasm(ours, strictConfiguration), WASM) },
    many: { title: "cluster-local, strict, 10,000 rules", ...pinning(wasm(ours, withRules(10_000)), WASM) },
    strictCalls: {
      title: "the host calls of a strict one alone",
      filters: [wasm(calls, strictConfiguration), headerToMetadata],
      pinned: true,
    },
    lua: { title: "the same job in Lua", ...pinning(lua(sameJob), LUA) },
    sdk: { title: "the same job on the SDK's runtime", ...pinning(wasm(sdk, {}), WASM) },
    pinOnly: { title: "Lua that only pins, no evidence", filters: [lua(pinOnly)], pinned: true },
    headers: { title: "header_to_metadata alone", filters: [headerToMetadata], pinned: false },
    native: { title: "route metadata_match, no filter", filters: [], pinned: true, native: true },
  } satisfies Record<string, Variant>;
}

/** The name of a variant. */
export type Name = keyof ReturnType<typeof variants>;

const WASM = "wasmcustom.cluster_local.requests.retained";
const LUA = "http.outbound.lua.cluster_local.requests.retained";

function pinning(filter: Filter, counter: string) {
  return { filters: [filter, headerToMetadata], pinned: true, counter };
}

/** A configuration of so many rules, of which the last is for the service that gets the requests. */
export function withRules(count: number): object {
  const others = Array.from({ length: count - 1 }, (_, index) => ({
    services: [serviceOf(index)],
    mode: "strict",
  }));
  return { ...strictConfiguration, rules: [...others, ...strictConfiguration.rules] };
}

/** The service that a rule of `withRules` names; none of them gets a request. */
export function serviceOf(index: number): string {
  return `team-${index % 97}/service-${index}`;
}
