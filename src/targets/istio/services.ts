import type { KubeService } from "../../inventory/kubernetes/services.ts";
import { includes, isConditional } from "../../policy/conditions.ts";
import type { Matcher } from "../../policy/match.ts";
import type { WrittenPattern } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Rule } from "../../policy/rules.ts";

/** A service that some rule may govern. */
export interface Governed {
  service: KubeService;
  /** The patterns that may, the most specific first; what comes after one that takes every request is left out. */
  patterns: readonly WrittenPattern[];
  /** The rule that every request of every sidecar obeys: Envoy's own routes can do what it says. */
  always: Rule | undefined;
  /** Some request of some sidecar may be pinned, by a rule or by an override. */
  pinned: boolean;
  /** Some request may be pinned at a gateway. */
  atGateways: boolean;
  /** Some rule keeps requests in the caller's cluster, or there while it can. */
  strict: boolean;
  prefer: boolean;
  /** Some request may be counted in a dry run. */
  observed: boolean;
}

/**
 * The services that some rule governs, sorted by host.
 *
 * @param gateways the gateways as `callers` write them; rules are for these only where their callers name them
 */
export function governedServices(
  services: Iterable<KubeService>,
  matcher: Matcher,
  override: Policy["override"],
  gateways: readonly string[],
): Governed[] {
  const governed: Governed[] = [];
  for (const service of services) {
    const patterns = reachable(service.host, matcher);
    if (patterns.length > 0) governed.push(governedBy(service, patterns, matcher, override, gateways));
  }
  return governed.sort((a, b) => (a.service.host < b.service.host ? -1 : 1));
}

function governedBy(
  service: KubeService,
  patterns: WrittenPattern[],
  matcher: Matcher,
  override: Policy["override"],
  gateways: readonly string[],
): Governed {
  const rules = patterns.map((pattern) => matcher.ruleOf(pattern));
  const ofSidecars = rules.filter((rule) => !isOnlyFor(rule, gateways));
  const acts = ({ mode }: Rule) => mode === "strict" || mode === "prefer";
  const from = override?.from.map((namespace) => `${namespace}/*`) ?? [];
  return {
    ...{ service, patterns },
    always: service.external ? undefined : commonRule(ofSidecars),
    pinned: !service.external && (override !== undefined || ofSidecars.some(acts)),
    atGateways:
      !service.external &&
      (meets({ callers: from }, gateways) || rules.some((rule) => acts(rule) && meets(rule, gateways))),
    strict: !service.external && rules.some(({ mode }) => mode === "strict"),
    prefer: !service.external && rules.some(({ mode }) => mode === "prefer"),
    observed: rules.some(({ mode }) => mode === "observe"),
  };
}

/** The rule of all requests: those of all patterns say the same, and the last one leaves none out. */
function commonRule(rules: readonly Rule[]): Rule | undefined {
  const last = rules.at(-1);
  if (!last || last.callers !== undefined || isConditional(last)) return undefined;
  if (last.mode !== "strict" && last.mode !== "prefer") return undefined;
  const says = ({ mode, order, percent }: Rule) => JSON.stringify([mode, order, percent ?? 100]);
  return last.percent === undefined && rules.every((rule) => says(rule) === says(last)) ? last : undefined;
}

/** The patterns that may govern a request to the host, from whatever caller. */
export function reachable(host: string, matcher: Matcher): WrittenPattern[] {
  const patterns: WrittenPattern[] = [];
  for (const pattern of matcher.covering(host)) {
    patterns.push(pattern);
    const rule = matcher.ruleOf(pattern);
    if (rule.callers === undefined && !isConditional(rule)) break;
  }
  return patterns;
}

function isOnlyFor({ callers }: Rule, gateways: readonly string[]): boolean {
  return callers !== undefined && includes({ callers: [...gateways] }, { callers });
}

/** Whether a rule's callers name a gateway, too. */
export function meets({ callers }: Pick<Rule, "callers">, gateways: readonly string[]): boolean {
  return (callers ?? []).some((caller) => gateways.some((gateway) => overlap(caller, gateway)));
}

/** Whether some caller may be meant by both. */
function overlap(a: string, b: string): boolean {
  const [theirs, ours] = [a.split("/"), b.split("/")];
  return theirs.every((part, index) => covers(part, ours[index]!) || covers(ours[index]!, part));
}

function covers(outer: string, inner: string): boolean {
  return outer === inner || (outer.endsWith("*") && inner.startsWith(outer.slice(0, -1)));
}
