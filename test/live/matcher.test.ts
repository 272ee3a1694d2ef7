import { describe, expect, test } from "vitest";
import { routesOf } from "../../src/live/state/routes.ts";

const state = (key: string) => ({
  name: "pin",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.FilterStateInput",
    key,
  },
});
const pin = state("wasm.cluster_local_pin");
const to = (cluster: string) => ({
  action: {
    name: "cluster",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.router.cluster_specifiers.matcher.v3.ClusterAction",
      cluster,
    },
  },
});
const regex = (regex: string, input: object = pin) => ({
  single_predicate: { input, value_match: { safe_regex: { google_re2: {}, regex } } },
});
const known = (map: Record<string, object>, otherwise: object) => ({
  matcher: { matcher_tree: { input: pin, exact_match_map: { map } }, on_no_match: otherwise },
});
const list = (otherwise: object | undefined, ...matchers: object[]) => ({
  matcher_list: { matchers },
  ...(otherwise && { on_no_match: otherwise }),
});
const when = (predicate: object, onMatch: object) => ({ predicate, on_match: onMatch });

function routeWith(matcher: object) {
  const extension = {
    name: "envoy.router.cluster_specifier_plugin.matcher",
    typed_config: {
      "@type":
        "type.googleapis.com/envoy.extensions.router.cluster_specifiers.matcher.v3.MatcherClusterSpecifier",
      cluster_matcher: matcher,
    },
  };
  const route = { name: "r", route: { inline_cluster_specifier_plugin: { extension } } };
  return routesOf([{ virtual_hosts: [{ name: "v", routes: [route] }] }])[0]!;
}
const chosen = (matcher: object, value: string | undefined) => [...routeWith(matcher).clustersFor(value)];

/** As the generator writes it: fails closed for what it does not know. */
const closed = list(
  to("all"),
  when(regex(".+"), known({ m1c1: to("one"), "m1c1,m1c2": to("both") }, to("nowhere"))),
);

describe("where a matcher cluster specifier sends a pin", () => {
  test.each([
    ["m1c1", ["one"]],
    ["m1c1,m1c2", ["both"]],
    ["m1c9", ["nowhere"]],
    [undefined, ["all"]],
  ])("one that fails closed: %s", (value, clusters) => {
    expect(chosen(closed, value)).toEqual(clusters);
  });

  test.each<[string, object, string | undefined, string[]]>([
    ["a tree alone falls through", { ...known({ m1c1: to("one") }, to("all")).matcher }, "m1c9", ["all"]],
    ["no match is no cluster", list(undefined, when(regex("m1c1"), to("one"))), "m1c2", []],
    [
      "no regular expression, either way",
      list(to("all"), when(regex("("), to("one"))),
      "m1c2",
      ["one", "all"],
    ],
    [
      "another state, either way",
      list(to("all"), when(regex("x", state("other")), to("one"))),
      "x",
      ["one", "all"],
    ],
    ["not", list(to("all"), when({ not_matcher: regex("m1c1") }, to("other"))), "m1c1", ["all"]],
    [
      "not, without a pin",
      list(to("all"), when({ not_matcher: regex("m1c1") }, to("other"))),
      undefined,
      ["other"],
    ],
    [
      "or and and",
      list(
        to("all"),
        when({ or_matcher: { predicate: [regex("a"), regex("b")] } }, to("some")),
        when({ and_matcher: { predicate: [regex("c.*"), regex(".*d")] } }, to("every")),
      ),
      "cd",
      ["every"],
    ],
    [
      "a prefix, the longest",
      { matcher_tree: { input: pin, prefix_match_map: { map: { m: to("m"), m1: to("m1") } } } },
      "m1c1",
      ["m1"],
    ],
    [
      "weights: each of them",
      list(
        to("all"),
        when(regex("m1c1"), {
          matcher: list(
            to("v2"),
            when({ single_predicate: { input: state("x"), custom_match: { name: "hash" } } }, to("v1")),
          ),
        }),
      ),
      "m1c1",
      ["v1", "v2"],
    ],
  ])("%s", (_, matcher, value, clusters) => {
    expect(chosen(matcher, value).sort()).toEqual([...clusters].sort());
  });
});

test("a route says whether it reads the pin, and where it leads if it does not", () => {
  expect(routeWith(closed)).toMatchObject({ name: "v/r", readsPin: true });
  const plugin = {
    extension: {
      name: "p",
      typed_config: { "@type": "x/y.MatcherClusterSpecifier", cluster_matcher: closed },
    },
  };
  const routes = routesOf([
    {
      cluster_specifier_plugins: [plugin],
      virtual_hosts: [
        {
          name: "v",
          routes: [
            { route: { cluster: "a" } },
            { route: { weighted_clusters: { clusters: [{ name: "b" }, { name: "c" }] } } },
            { route: { cluster_specifier_plugin: "p" } },
            { route: { cluster_header: "x" } },
            { redirect: {} },
          ],
        },
      ],
    },
  ]);
  expect(routes.map(({ name, readsPin, clustersFor }) => [name, readsPin, [...clustersFor("m1c1")]])).toEqual(
    [
      ["v", false, ["a"]],
      ["v", false, ["b", "c"]],
      ["v", true, ["one"]],
    ],
  );
});
