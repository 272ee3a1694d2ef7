import { z } from "zod";
import { isRecord } from "../input/fields.ts";
import { formatPath } from "../input/path.ts";
import { sameConditions } from "./conditions.ts";
import { hostsOf, isTooLong, pathOf, patternsOf, type WrittenPattern } from "./pattern.ts";
import type { Rule } from "./rules.ts";

/** Rules that may hold anything: checks across fields run beside other errors. */
export type MaybeRules = readonly ({ [Field in keyof Rule]?: unknown } | null)[];

/**
 * Patterns that stand for the same hosts under the same conditions, or for none that can exist; for a file with `rules`
 * and `clusterDomain`.
 */
export const patternsMakeSense = z.superRefine<{ rules: MaybeRules; clusterDomain: string }>(
  ({ rules, clusterDomain }, context) => {
    const known = new Map<string, WrittenPattern[]>();
    for (const pattern of patternsOf(rules)) {
      const hosts = hostsOf(pattern, clusterDomain);
      const path = [...pathOf(pattern)];
      const before = known.get(hosts) ?? [];
      const same = before.find((other) => sameConditions(rules[other.rule] ?? {}, rules[pattern.rule] ?? {}));
      if (isTooLong(hosts)) {
        const message = "stands for a host name longer than 253 bytes";
        context.addIssue({ code: "custom", path, message, params: { code: "CL0203" } });
      } else if (same) {
        const message = `names the same hosts as ${formatPath(pathOf(same))}, allowed once`;
        context.addIssue({ code: "custom", path, message, params: { code: "CL0204" } });
      } else known.set(hosts, [...before, pattern]);
    }
  },
  {
    when: ({ value }) =>
      isRecord(value) && Array.isArray(value.rules) && typeof value.clusterDomain === "string",
  },
);
