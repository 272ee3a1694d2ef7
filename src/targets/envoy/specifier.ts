import type { Service } from "../../inventory/model.ts";
import { clusterName, PIN_STATE, UNKNOWN_PIN } from "./names.ts";
import { subsetOf } from "./pins.ts";
import { any, type Message } from "./types.ts";

/** Where a route leads. */
export interface Target {
  service: Service;
  /** The mesh cluster that the route itself names. */
  only?: string | undefined;
  /** The pins that the filter may write for this service. */
  pins: readonly string[];
  /** Among several targets of one route; default 1. */
  weight?: number | undefined;
}

const MATCHER = "envoy.extensions.router.cluster_specifiers.matcher.v3";

/**
 * The route's envoy.config.route.v3.ClusterSpecifierPlugin: without a pin to where the route leads, with a pin that it knows
 * to the Envoy cluster of that pin, with any other pin nowhere.
 *
 * Several targets share the requests by their weights. The same request finds the same target when the route is looked at
 * again, after the filter: x-request-id decides.
 *
 * @param seed else the same ids would go to the first target of every route
 */
export function specifier(targets: readonly Target[], clusterDomain: string, seed: number): Message {
  const trees = targets.map((target) => byPin(target, clusterDomain));
  return {
    extension: {
      name: "cluster_local",
      typed_config: any(`${MATCHER}.MatcherClusterSpecifier`, {
        cluster_matcher: trees.length === 1 ? trees[0]! : byWeight(trees, targets, seed),
      }),
    },
  };
}

/** xds.type.matcher.v3.Matcher. Its tree has no match for an absent pin and for an unknown one: these are told apart after it. */
function byPin({ service, only, pins }: Target, clusterDomain: string): Message {
  const known = pins.flatMap((pin) => {
    const subset = subsetOf(pin, only);
    return subset === undefined ? [] : [[pin, lead(clusterName(service, clusterDomain, subset))] as const];
  });
  const some = {
    single_predicate: { input: PIN, value_match: { safe_regex: { google_re2: {}, regex: ".+" } } },
  };
  const others = {
    matcher_list: { matchers: [{ predicate: some, on_match: lead(UNKNOWN_PIN) }] },
    on_no_match: lead(clusterName(service, clusterDomain, only)),
  };
  if (known.length === 0) return others;
  return {
    matcher_tree: { input: PIN, exact_match_map: { map: Object.fromEntries(known) } },
    on_no_match: { matcher: others },
  };
}

/** The last target whose threshold the hash reaches; the first one's is 0. */
function byWeight(trees: readonly Message[], targets: readonly Target[], seed: number): Message {
  const weights = targets.map(({ weight = 1 }) => weight);
  const sum = (count: number) => weights.slice(0, count).reduce((a, b) => a + b, 0);
  const matchers = trees.slice(1).map((matcher, index) => ({
    predicate: {
      single_predicate: {
        input: REQUEST_ID,
        custom_match: {
          name: "envoy.matching.matchers.consistent_hashing",
          typed_config: any(
            "envoy.extensions.matching.input_matchers.consistent_hashing.v3.ConsistentHashing",
            {
              threshold: sum(index + 1),
              modulo: sum(weights.length),
              seed,
            },
          ),
        },
      },
    },
    on_match: { matcher },
  }));
  return { matcher_list: { matchers: matchers.reverse() }, on_no_match: { matcher: trees[0]! } };
}

/** xds.type.matcher.v3.Matcher.OnMatch. */
function lead(cluster: string): Message {
  return { action: { name: "cluster", typed_config: any(`${MATCHER}.ClusterAction`, { cluster }) } };
}

const PIN: Message = {
  name: "pin",
  typed_config: any("envoy.extensions.matching.common_inputs.network.v3.FilterStateInput", {
    key: PIN_STATE,
  }),
};

const REQUEST_ID: Message = {
  name: "request_id",
  typed_config: any("envoy.type.matcher.v3.HttpRequestHeaderMatchInput", { header_name: "x-request-id" }),
};
