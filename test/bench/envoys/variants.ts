import { statsLog } from "../../../src/targets/envoy/evidence.ts";
import { lua, wasm, type Filter } from "./filters.ts";
import { LOCAL } from "./names.ts";
import { byPin, local, type Destination } from "./routes.ts";
import { pinByMetadata, pinByState } from "./scripts.ts";
import { subsets, version1 } from "./version1.ts";

/** One Envoy of the comparison. */
export interface Variant {
  /** What the table calls it. */
  readonly title: string;
  readonly filters?: readonly Filter[];
  /** By default every endpoint. */
  readonly route?: Destination;
  readonly accessLog?: readonly object[];
  /** What the merged Envoy cluster has besides. */
  readonly cluster?: object;
  /** Every response must come from the local cluster; else both clusters answer in turn. */
  readonly pinned: boolean;
  /** How the counters of Envoy's begin that together count each request: a filter that does nothing would be fast. */
  readonly counter?: string;
}

/** Paths of the modules to compare. */
export interface Modules {
  readonly ours: string;
  readonly noop: string;
  readonly calls: string;
  /** Undefined where the clone lacks the commit. */
  readonly version1: string | undefined;
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
export function variants(modules: Modules): Record<string, Variant> {
  const { ours, noop, calls } = modules;
  const strict = (configuration: object) => ({
    filters: [wasm(ours, configuration)],
    route: byPin,
    pinned: true,
    counter: "wasmcustom.cluster_local.requests.retained",
  });
  const calling = (letters: string) => ({ filters: [wasm(calls, letters)], route: byPin, pinned: true });
  return {
    none: { title: "no filter", pinned: false },
    native: { title: "no filter, route to the local cluster", route: local, pinned: true },
    noop: { title: "no-op Wasm filter", filters: [wasm(noop, {})], pinned: false },
    alone: { title: "cluster-local, left alone", filters: [wasm(ours, otherConfiguration)], pinned: false },
    aloneCalls: { title: "the host calls of that alone", filters: [wasm(calls, "g")], pinned: false },
    strict: { title: "cluster-local, strict", ...strict(strictConfiguration) },
    many: { title: "cluster-local, strict, 10,000 rules", ...strict(withRules(10_000)) },
    strictCalls: { title: "the host calls of a strict one alone", ...calling("gperc") },
    pinCalls: { title: "state pin in Wasm with nothing else", ...calling("pr") },
    luaMetadata: {
      title: "Lua that only pins, by dynamic metadata",
      filters: [lua(pinByMetadata)],
      cluster: subsets,
      pinned: true,
    },
    luaState: {
      title: "Lua that only pins, by filter state",
      filters: [lua(pinByState)],
      route: byPin,
      pinned: true,
    },
    evidence: {
      title: "cluster-local, strict, with evidence",
      ...strict(strictConfiguration),
      accessLog: [statsLog()],
      counter: "cluster_local.upstream.",
    },
    aloneEvidence: {
      title: "cluster-local, left alone, with evidence",
      filters: [wasm(ours, otherConfiguration)],
      accessLog: [statsLog()],
      pinned: false,
      counter: "cluster_local.upstream.",
    },
    ...(modules.version1 && { version1: version1(modules.version1) }),
  };
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
