import { extension, LOCAL, MERGED, outbound, REMOTE, UNKNOWN } from "./names.ts";

/** The part of a route's action that says which Envoy cluster the request goes to. */
export type Destination = Record<string, unknown>;

/** Every endpoint. */
export const merged: Destination = { cluster: MERGED };
/** The local endpoints, for every request. */
export const local: Destination = { cluster: outbound(LOCAL) };
/** As generated: the pin decides. A known one leads to its cluster, any other one nowhere, none to every endpoint. */
export const byPin: Destination = {
  inline_cluster_specifier_plugin: {
    extension: {
      name: "envoy.router.cluster_specifier_plugin.matcher",
      typed_config: specifier("MatcherClusterSpecifier", { cluster_matcher: matcher() }),
    },
  },
};

function matcher(): object {
  const input = {
    name: "envoy.matching.inputs.filter_state",
    typed_config: extension("matching.common_inputs.network.v3.FilterStateInput", {
      key: "wasm.cluster_local_pin",
    }),
  };
  const known = Object.fromEntries([LOCAL, REMOTE].map((id) => [id, to(outbound(id))]));
  const any = { single_predicate: { input, value_match: { safe_regex: { google_re2: {}, regex: ".+" } } } };
  const others = {
    matcher_list: { matchers: [{ predicate: any, on_match: to(UNKNOWN) }] },
    on_no_match: to(MERGED),
  };
  return { matcher_tree: { input, exact_match_map: { map: known } }, on_no_match: { matcher: others } };
}

function to(cluster: string): object {
  return { action: { name: cluster, typed_config: specifier("ClusterAction", { cluster }) } };
}

function specifier(message: string, fields: object): object {
  return extension(`router.cluster_specifiers.matcher.v3.${message}`, fields);
}
