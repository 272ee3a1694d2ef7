import { isConditional } from "../../policy/conditions.ts";
import type { Matcher } from "../../policy/match.ts";
import type { WrittenPattern } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";
import type { KubeService } from "../../inventory/kubernetes/services.ts";

/** A service that some rule may govern. */
export interface Governed {
  service: KubeService;
  /** The patterns that may, the most specific first; what comes after one that takes every request is left out. */
  patterns: readonly WrittenPattern[];
  /** Some rule keeps its requests in the caller's cluster. */
  strict: boolean;
  /** Some request may be pinned to a cluster, by a rule or by an override: it takes subsets and routes. */
  pinned: boolean;
  /** The pattern of the rule by which its requests go local first. */
  prefer: WrittenPattern | undefined;
  /** Some request may be counted in a dry run. */
  observed: boolean;
}

/** The services that some rule governs, sorted by host. */
export function governedServices(
  services: Iterable<KubeService>,
  matcher: Matcher,
  override: Policy["override"],
): Governed[] {
  const pins = override?.allow.some((word) => word !== "any") === true;
  const governed = [...services].flatMap((service) => {
    const patterns = reachable(service.host, matcher);
    if (patterns.length === 0) return [];
    const of = (mode: string) => patterns.find((pattern) => matcher.ruleOf(pattern).mode === mode);
    const strict = !service.external && of("strict") !== undefined;
    return [
      {
        ...{ service, patterns, strict },
        pinned: strict || (pins && !service.external),
        prefer: service.external ? undefined : of("prefer"),
        observed: of("observe") !== undefined,
      },
    ];
  });
  return governed.sort((a, b) => (a.service.host < b.service.host ? -1 : 1));
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
