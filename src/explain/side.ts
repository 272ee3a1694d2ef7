import { formatPath } from "../input/path.ts";
import type { Source } from "../input/source.ts";
import { compilePolicy } from "../policy/compile.ts";
import { Matcher } from "../policy/match.ts";
import type { Policy } from "../policy/policy.ts";
import type { WrittenPattern } from "../policy/pattern.ts";
import { judge, type Asked, type Judged } from "./considered.ts";
import { Filter, type ProxyFacts } from "./filter.ts";
import { wholeShare } from "./share.ts";
import type { CallersRules } from "./view.ts";

/** A policy as the proxies of some callers have it: the tools' own matching of its rules, and the filter with them. */
export class Side {
  private readonly matcher: Matcher;
  private readonly filters = new Map<string, Filter>();
  readonly policy: Policy;

  /** @param own the rules that these callers have in place of the policy's */
  constructor(
    policy: Policy,
    private readonly source: Source | undefined,
    private readonly own?: CallersRules,
  ) {
    this.policy = own ? { ...policy, rules: own.rules } : policy;
    this.matcher = new Matcher(this.policy);
  }

  /** See `judge`. */
  judge(asked: Asked): Judged[] {
    const judged = judge(asked, this.matcher, this.policy.clusterDomain);
    const winner = judged.find(({ won }) => won);
    if (!winner || !this.isAdded(winner.pattern)) return judged;
    // The rule that it was put before comes next, and is lost to this callers for the same reason.
    const { why } = this.own!;
    return judged.map((one) =>
      [winner.pattern.rule, winner.pattern.rule + 1].includes(one.pattern.rule) ? { ...one, why } : one,
    );
  }

  ruleOf(pattern: WrittenPattern) {
    return this.matcher.ruleOf(pattern);
  }

  /** Whether a pattern is of a rule that is not the policy's own. */
  isAdded({ rule }: WrittenPattern): boolean {
    return this.own !== undefined && this.own.origin[rule] === this.own.origin[rule + 1];
  }

  /** The filter of a caller's proxy; started once. */
  filterOf(proxy: ProxyFacts, wholeShares: boolean): Filter {
    const key = JSON.stringify([proxy, wholeShares]);
    let filter = this.filters.get(key);
    if (!filter) {
      const config = compilePolicy(wholeShares ? wholeShare(this.policy) : this.policy);
      filter = new Filter(config, proxy);
      this.filters.set(key, filter);
    }
    return filter;
  }

  /** Where a pattern stands in the file. */
  placeOf({ path: [rules, index, ...rest] }: Judged): string {
    const path = [rules!, this.own?.origin[index as number] ?? index!, ...rest];
    const field = formatPath(path);
    const place = this.source?.position(path);
    return place ? `${field} (${this.source!.file}:${place.line}:${place.col})` : field;
  }
}
