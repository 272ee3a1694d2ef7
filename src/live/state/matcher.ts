import { at, fieldsOf, itemsOf, textOf, type Fields } from "../../input/loose.ts";
import { matchesRe2 } from "../../input/re2.ts";
import { unpack } from "./any.ts";

/** The filter state that carries the pin. */
export const PIN_STATE = "wasm.cluster_local_pin";

/**
 * The Envoy clusters that a matcher cluster specifier (xds.type.matcher.v3.Matcher with ClusterActions) may choose for
 * requests with this pin, or without one. What depends on anything else counts as if it might be either way.
 */
export function matchedClusters(matcher: unknown, pin: string | undefined): Set<string> {
  const clusters = new Set<string>();
  collect(matcher, pin, clusters);
  return clusters;
}

/** Returns whether there is an action in any case: only then nothing of what follows is asked. */
function collect(matcher: unknown, pin: string | undefined, clusters: Set<string>): boolean {
  const list = itemsOf(at(matcher, "matcher_list", "matchers"));
  for (const one of list) {
    const matches = holds(fieldsOf(at(one, "predicate")), pin);
    if (matches === false) continue;
    const certain = act(at(one, "on_match"), pin, clusters);
    if (matches === true && certain) return true;
  }
  const tree = fieldsOf(at(matcher, "matcher_tree"));
  if (tree.input !== undefined) {
    const [found, certain] = inTree(tree, pin);
    const acted = found.map((one) => act(one, pin, clusters));
    if (certain && acted.length > 0 && acted.every(Boolean)) return true;
  }
  return act(at(matcher, "on_no_match"), pin, clusters);
}

/** xds.type.matcher.v3.Matcher.OnMatch. */
function act(onMatch: unknown, pin: string | undefined, clusters: Set<string>): boolean {
  const nested = at(onMatch, "matcher");
  if (nested !== undefined) return collect(nested, pin, clusters);
  const { message } = unpack(at(onMatch, "action", "typed_config"));
  const cluster = textOf(message.cluster);
  if (cluster !== undefined) clusters.add(cluster);
  return cluster !== undefined && at(onMatch, "keep_matching") !== true;
}

/** The branches of a MatcherTree that may be taken, and whether one of them is. */
function inTree(tree: Fields, pin: string | undefined): [branches: unknown[], certain: boolean] {
  const exact = fieldsOf(at(tree, "exact_match_map", "map"));
  const prefixes = fieldsOf(at(tree, "prefix_match_map", "map"));
  if (!readsPin(tree.input) || tree.custom_match !== undefined)
    return [[...Object.values(exact), ...Object.values(prefixes)], false];
  if (pin === undefined) return [[], true];
  if (Object.hasOwn(exact, pin)) return [[exact[pin]], true];
  const [longest] = Object.keys(prefixes)
    .filter((prefix) => pin.startsWith(prefix))
    .sort((a, b) => b.length - a.length);
  return [longest === undefined ? [] : [prefixes[longest]], true];
}

/** Whether a MatcherList.Predicate holds; undefined where that is not known. */
function holds(predicate: Fields, pin: string | undefined): boolean | undefined {
  const single = predicate.single_predicate;
  if (single !== undefined) {
    const value = at(single, "value_match");
    if (!readsPin(at(single, "input")) || value === undefined) return undefined;
    return pin === undefined ? false : fits(fieldsOf(value), pin);
  }
  const negated = predicate.not_matcher;
  if (negated !== undefined) {
    const inner = holds(fieldsOf(negated), pin);
    return inner === undefined ? undefined : !inner;
  }
  const [any, all] = [predicate.or_matcher, predicate.and_matcher];
  const inner = itemsOf(at(any ?? all, "predicate")).map((one) => holds(fieldsOf(one), pin));
  const deciding = any !== undefined;
  if (inner.includes(deciding)) return deciding;
  return inner.length === 0 || inner.includes(undefined) ? undefined : !deciding;
}

/** xds.type.matcher.v3.StringMatcher. */
function fits(matcher: Fields, pin: string): boolean | undefined {
  const text = (field: string) => textOf(matcher[field]);
  const [exact, prefix, suffix] = [text("exact"), text("prefix"), text("suffix")];
  if (matcher.ignore_case === true) return undefined;
  if (exact !== undefined) return pin === exact;
  if (prefix !== undefined) return pin.startsWith(prefix);
  if (suffix !== undefined) return pin.endsWith(suffix);
  const regex = textOf(at(matcher, "safe_regex", "regex"));
  return regex === undefined ? undefined : matchesRe2(regex, pin);
}

/** Whether an input is the filter state of the pin (network.v3.FilterStateInput). */
function readsPin(input: unknown): boolean {
  const { type, message } = unpack(at(input, "typed_config"));
  return type.endsWith(".FilterStateInput") && message.key === PIN_STATE;
}
