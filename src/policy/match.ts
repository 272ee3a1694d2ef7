import {
  admitsCaller,
  admitsRequest,
  isConditional,
  type CallerFacts,
  type RequestFacts,
} from "./conditions.ts";
import { hostsOf, patternsOf, type WrittenPattern } from "./pattern.ts";
import type { Policy } from "./policy.ts";
import type { Rule } from "./rules.ts";

/** Finds the pattern that governs a request, as the filter does (assembly/core/policy.ts). */
export class Matcher {
  private readonly rules: readonly Rule[];
  /** Of the same hosts in the order of the file. */
  private readonly byHosts = new Map<string, WrittenPattern[]>();
  /** What was asked before: every caller is compared with every service. */
  private readonly known = new Map<string, WrittenPattern[]>();

  constructor({ rules, clusterDomain }: Pick<Policy, "rules" | "clusterDomain">) {
    this.rules = rules;
    for (const pattern of patternsOf(rules)) {
      const hosts = hostsOf(pattern, clusterDomain);
      this.byHosts.set(hosts, [...(this.byHosts.get(hosts) ?? []), pattern]);
    }
  }

  /** The rule that a pattern stands in. */
  ruleOf({ rule }: WrittenPattern): Rule {
    return this.rules[rule]!;
  }

  /**
   * The pattern that governs a request to the host (in lower case): the most specific whose rule takes it (the whole name,
   * then the longest suffix, then `*`), the first in the file among those of the same hosts.
   */
  find(host: string, caller: CallerFacts, request: RequestFacts): WrittenPattern | undefined {
    return this.candidates(host, caller).find((pattern) => admitsRequest(this.ruleOf(pattern), request));
  }

  /** The patterns that may govern a caller's requests to the host, in the order in which they are asked. */
  candidates(host: string, caller: CallerFacts): WrittenPattern[] {
    const candidates: WrittenPattern[] = [];
    for (const pattern of this.covering(host)) {
      if (!admitsCaller(this.ruleOf(pattern), caller)) continue;
      candidates.push(pattern);
      if (!isConditional(this.ruleOf(pattern))) break;
    }
    return candidates;
  }

  /** The patterns that the host matches, whatever their conditions, the most specific first. */
  covering(host: string): WrittenPattern[] {
    let patterns = this.known.get(host);
    if (!patterns) {
      patterns = coveringHosts(host).flatMap((hosts) => this.byHosts.get(hosts) ?? []);
      this.known.set(host, patterns);
    }
    return patterns;
  }

  /** All patterns, those of the same hosts together, in the order of the file. */
  groups(): Iterable<readonly WrittenPattern[]> {
    return this.byHosts.values();
  }
}

/** What a pattern must stand for to match the host, the most specific first. */
function coveringHosts(host: string): string[] {
  const covering = [host];
  for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1))
    covering.push(`*${host.slice(dot)}`);
  return [...covering, "*"];
}
