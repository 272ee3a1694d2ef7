import { hostsOf, patternsOf, type WrittenPattern } from "./pattern.ts";
import type { Policy } from "./policy.ts";

/** Finds the pattern that decides for a host: the most specific one, as in the filter. */
export class Matcher {
  private readonly byHosts: Map<string, WrittenPattern>;

  constructor({ rules, clusterDomain }: Pick<Policy, "rules" | "clusterDomain">) {
    this.byHosts = new Map(patternsOf(rules).map((pattern) => [hostsOf(pattern, clusterDomain), pattern]));
  }

  /** The pattern that wins for the host (in lower case): the whole name, then the longest suffix, then `*`. */
  find(host: string): WrittenPattern | undefined {
    for (const hosts of coveringHosts(host)) {
      const pattern = this.byHosts.get(hosts);
      if (pattern) return pattern;
    }
    return undefined;
  }

  /** The patterns that stand for none of the hosts. */
  unmatched(hosts: Iterable<string>): WrittenPattern[] {
    const covering = new Set([...hosts].flatMap(coveringHosts));
    return [...this.byHosts].flatMap(([hosts, pattern]) => (covering.has(hosts) ? [] : [pattern]));
  }
}

/** What a pattern must stand for to match the host, the most specific first. */
function coveringHosts(host: string): string[] {
  const covering = [host];
  for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1))
    covering.push(`*${host.slice(dot)}`);
  return [...covering, "*"];
}
