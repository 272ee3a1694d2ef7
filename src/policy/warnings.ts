import { formatPath } from "../input/path.ts";
import type { Finding } from "../input/problem.ts";
import { includes } from "./conditions.ts";
import type { Matcher } from "./match.ts";
import { pathOf } from "./pattern.ts";
import type { Policy } from "./policy.ts";

/** Rules of a policy that can never apply, whatever the mesh. */
export function warnings({ rules }: Pick<Policy, "rules">, matcher: Matcher): Finding[] {
  const none = rules.flatMap(({ percent }, rule) =>
    percent === 0
      ? [
          {
            code: "CL0305" as const,
            path: ["rules", rule, "percent"],
            message: "the rule never applies: 0 percent of its requests",
          },
        ]
      : [],
  );
  return [...none, ...shadowed(matcher)];
}

/** Of the patterns for the same hosts, those whose requests an earlier one takes. */
function shadowed(matcher: Matcher): Finding[] {
  return [...matcher.groups()].flatMap((patterns) =>
    patterns.flatMap((pattern, index) => {
      const earlier = patterns
        .slice(0, index)
        .find((other) => includes(matcher.ruleOf(other), matcher.ruleOf(pattern)));
      if (!earlier) return [];
      const message = `never applies: ${formatPath(pathOf(earlier))} names the same hosts and takes its requests first`;
      return [{ code: "CL0305" as const, path: pathOf(pattern), message }];
    }),
  );
}
