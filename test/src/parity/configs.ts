import fc from "fast-check";
import { mutate, mutation, slip, slipped } from "./mutate.ts";
import { treeOf, write } from "./tree.ts";
import * as words from "./words.ts";

const some = <T>(items: fc.Arbitrary<T>, maxLength = 3) => fc.uniqueArray(items, { minLength: 1, maxLength });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Seldom, as most rules of most configurations have none. */
const seldom = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
const oneOf = <T>(a: string, b: string, value: fc.Arbitrary<T>) =>
  fc.tuple(fc.constantFrom(a, b), value).map(([field, value]) => ({ [field]: value }));

const rule = fc
  .record({
    services: maybe(some(words.services)),
    hosts: maybe(some(words.hosts)),
    mode: fc.constantFrom("strict", "prefer", "observe", "off"),
    order: seldom(some(words.clusterIds)),
    callers: seldom(some(words.callers)),
    paths: seldom(some(oneOf("exact", "prefix", words.paths))),
    methods: seldom(some(words.methods)),
    percent: seldom(fc.constantFrom(0, 0.01, 33.3, 100)),
    sticky: seldom(oneOf("header", "cookie", fc.constantFrom("x-user", "session"))),
  })
  .map(({ order, sticky, hosts, ...rule }) => ({
    ...rule,
    hosts: hosts ?? (rule.services ? undefined : ["example.com"]),
    order: rule.mode === "prefer" ? order : undefined,
    sticky: rule.percent === undefined ? undefined : sticky,
  }));

/** Configurations of which most are valid: what makes others invalid is what their rules say of each other. */
export const config = fc.record({
  version: fc.constant(1),
  enabled: maybe(fc.boolean()),
  localCluster: maybe(words.clusterIds),
  clusterDomain: seldom(words.domains),
  clusters: maybe(some(words.clusterIds)),
  override: seldom(
    fc.record({
      header: words.overrideHeaders,
      allow: some(words.clusterIds),
      from: some(fc.constantFrom("a", "b")),
    }),
  ),
  names: seldom(
    fc.dictionary(words.clusterNames, fc.constantFrom("default/reviews", "example.com"), { maxKeys: 3 }),
  ),
  debug: seldom(fc.boolean()),
  rules: maybe(fc.array(rule, { maxLength: 4 })),
});

/** Texts of such configurations, most of them with something changed. */
export const configText = fc.oneof(
  { weight: 2, arbitrary: config.map((value) => write(treeOf(value))) },
  {
    weight: 7,
    arbitrary: fc
      .tuple(config, fc.array(mutation, { minLength: 1, maxLength: 3 }))
      .map(([value, mutations]) => write(mutations.reduce(mutate, treeOf(value)))),
  },
  { weight: 1, arbitrary: fc.tuple(config, slip).map(([value, change]) => slipped(treeOf(value), change)) },
);
