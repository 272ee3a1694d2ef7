import type { Fields } from "../../../input/loose.ts";
import { digest } from "../names.ts";

/** A place that requests go to, and how many of them. */
export interface Share {
  cluster: string;
  weight: number;
}

/** Where requests go, by their pin. */
export interface Choice {
  /** By pin. */
  pinned: ReadonlyMap<string, readonly Share[]>;
  /** Without a pin. */
  otherwise: readonly Share[];
}

/** The filter's state (assembly/proxy), with the prefix that Envoy gives it. */
const PIN_STATE = "wasm.cluster_local_pin";
/** No Envoy cluster has this name: a pin that a route does not know is answered with 503. */
export const UNKNOWN_PIN = "cluster_local_unknown_pin";

const TYPE = "type.googleapis.com/envoy.extensions";
const PIN: Fields = {
  name: "pin",
  typed_config: { "@type": `${TYPE}.matching.common_inputs.network.v3.FilterStateInput`, key: PIN_STATE },
};

/**
 * The part of a route's action that chooses the Envoy cluster: its name where there is nothing to choose, or a matcher
 * (envoy.extensions.router.cluster_specifiers.matcher.v3), which istio-proxy has since 1.30.
 *
 * @param seed tells routes apart: applications pass x-request-id on, and the same ids shall not go together everywhere
 */
export function destination({ pinned, otherwise }: Choice, seed: string): Fields {
  const [only] = otherwise;
  if (pinned.size === 0 && otherwise.length === 1) return { cluster: only!.cluster };
  return specifier(pinned.size === 0 ? weights(otherwise, seed) : byPin({ pinned, otherwise }, seed));
}

function specifier(cluster_matcher: Fields): Fields {
  const type = `${TYPE}.router.cluster_specifiers.matcher.v3.MatcherClusterSpecifier`;
  const typed_config = { "@type": type, cluster_matcher };
  return {
    inline_cluster_specifier_plugin: {
      extension: { name: "envoy.router.cluster_specifier_plugin.matcher", typed_config },
    },
  };
}

/** A pin that is not known must never mean anywhere: only the absent one falls through. */
function byPin({ pinned, otherwise }: Choice, seed: string): Fields {
  const map = Object.fromEntries([...pinned].map(([pin, shares]) => [pin, onMatch(shares, seed)]));
  const known = { matcher_tree: { input: PIN, exact_match_map: { map } }, on_no_match: to(UNKNOWN_PIN) };
  const some = {
    single_predicate: { input: PIN, value_match: { safe_regex: { google_re2: {}, regex: ".+" } } },
  };
  return {
    matcher_list: { matchers: [{ predicate: some, on_match: { matcher: known } }] },
    on_no_match: onMatch(otherwise, seed),
  };
}

function onMatch(shares: readonly Share[], seed: string): Fields {
  return shares.length === 1 ? to(shares[0]!.cluster) : { matcher: weights(shares, seed) };
}

/** Weights by a hash of x-request-id, which is the same when the route is chosen again. */
function weights(shares: readonly Share[], seed: string): Fields {
  const modulo = shares.reduce((sum, { weight }) => sum + weight, 0);
  const hash = Number.parseInt(digest(seed, 8), 16);
  let below = modulo;
  const matchers = shares.slice(0, -1).map(({ cluster, weight }) => {
    below -= weight;
    return {
      predicate: { single_predicate: { input: REQUEST_ID, custom_match: hashed(below, modulo, hash) } },
      on_match: to(cluster),
    };
  });
  return { matcher_list: { matchers }, on_no_match: to(shares.at(-1)!.cluster) };
}

const REQUEST_ID: Fields = {
  name: "request_id",
  typed_config: {
    "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
    header_name: "x-request-id",
  },
};

/** Matches where the hash is not below the threshold. */
function hashed(threshold: number, modulo: number, seed: number): Fields {
  const type = `${TYPE}.matching.input_matchers.consistent_hashing.v3.ConsistentHashing`;
  return {
    name: "envoy.matching.matchers.consistent_hashing",
    typed_config: { "@type": type, threshold, modulo, seed },
  };
}

function to(cluster: string): Fields {
  const type = `${TYPE}.router.cluster_specifiers.matcher.v3.ClusterAction`;
  return { action: { name: "cluster", typed_config: { "@type": type, cluster } } };
}
