import type { Path } from "../input/path.ts";
import { admitsCaller, admitsRequest, type CallerFacts } from "../policy/conditions.ts";
import type { Matcher } from "../policy/match.ts";
import { hostsOf, pathOf, type WrittenPattern } from "../policy/pattern.ts";
import type { Rule } from "../policy/rules.ts";

/** A pattern that names the host, and what became of it. */
export interface Judged {
  pattern: WrittenPattern;
  path: Path;
  won: boolean;
  /** The host that it names: the whole name, or what the caller wrote. */
  host: string;
  /** Why it won or lost, in words. */
  why: string;
}

/** The request as its destination, its caller and its own facts tell it. */
export interface Asked {
  /** The whole name, in lower case. */
  host: string;
  /** What the caller wrote, where the whole name is only a guess: two labels may also be an external host. */
  asWritten: string | undefined;
  caller: CallerFacts | undefined;
  method: string;
  path: string;
}

/**
 * All patterns that name the host, in the order in which the filter asks them (assembly/core/decision.ts, govern), and why
 * each won or lost. The first whose rule takes the request wins.
 */
export function judge(asked: Asked, matcher: Matcher, clusterDomain: string): Judged[] {
  const judged: Judged[] = [];
  let winner: WrittenPattern | undefined;
  const note = (pattern: WrittenPattern, host: string, refusal: string | undefined) => {
    const lost = refusal ?? (winner && `${beside(winner, pattern, clusterDomain)} wins`);
    winner ??= refusal === undefined ? pattern : undefined;
    const why = lost ?? reason(matcher.ruleOf(pattern));
    judged.push({ pattern, path: pathOf(pattern), won: winner === pattern, host, why });
  };
  const guessed = asked.asWritten !== undefined;
  for (const pattern of matcher.covering(asked.host)) {
    const broad = guessed && isBroad(pattern, clusterDomain);
    note(pattern, asked.host, broad ? BROAD : refusalOf(matcher.ruleOf(pattern), asked));
  }
  if (asked.asWritten === undefined) return judged;
  const seen = new Set(judged.map(({ pattern }) => pattern));
  const again = matcher
    .covering(asked.asWritten)
    .filter((pattern) => !seen.has(pattern) || isBroad(pattern, clusterDomain));
  for (const pattern of again) {
    const before = judged.findIndex((one) => one.pattern === pattern);
    if (before >= 0) judged.splice(before, 1);
    note(pattern, asked.asWritten, refusalOf(matcher.ruleOf(pattern), asked));
  }
  return judged;
}

const BROAD = "takes any namespace, and the two labels of the host may as well be an external name";

/** Whether a pattern takes hosts of any namespace (assembly/core/compile.ts). */
function isBroad(pattern: WrittenPattern, clusterDomain: string): boolean {
  const hosts = hostsOf(pattern, clusterDomain);
  return hosts.startsWith("*") && hosts.length - 1 <= `.svc.${clusterDomain}`.length;
}

function reason({ callers, paths, methods }: Rule): string {
  const conditions = [callers && "callers", paths && "paths", methods && "methods"].filter(
    (one) => one !== undefined,
  );
  return conditions.length === 0
    ? "the most specific that names the host"
    : `its ${conditions.join(" and ")} take the request`;
}

/** Why a pattern comes after the one that won. */
function beside(winner: WrittenPattern, loser: WrittenPattern, clusterDomain: string): string {
  const same = hostsOf(winner, clusterDomain) === hostsOf(loser, clusterDomain);
  const { text } = winner;
  return same ? `${text} stands earlier in the file and` : `${text} is more specific and`;
}

/** What keeps a rule from taking the request; undefined when nothing does. */
function refusalOf(rule: Rule, { caller, method, path }: Asked): string | undefined {
  const { callers, paths, methods } = rule;
  if (callers && !admitsCaller(rule, caller ?? { namespace: "", workload: "" }))
    return `is for the callers ${callers.join(", ")}${caller ? `, not ${caller.namespace}/${caller.workload}` : ""}`;
  if (methods && !admitsRequest({ methods }, { method, path }))
    return `is for the methods ${methods.join(", ")}, not ${method}`;
  if (paths && !admitsRequest({ paths }, { method, path })) {
    const texts = paths.map(({ exact, prefix }) => (prefix === undefined ? exact : `${prefix}*`));
    return `is for the paths ${texts.join(", ")}, not ${path.split("?", 1)[0]!}`;
  }
  return undefined;
}
