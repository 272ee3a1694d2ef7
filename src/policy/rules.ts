import { z } from "zod";
import { choice, distinct, list, object, someOf } from "../input/fields.ts";
import { clusterId, hostPattern, servicePattern } from "./names.ts";
import { hostsOf, isTooLong, patternsOf, type WrittenPattern } from "./pattern.ts";

/** The same in the policy file and in the plugin configuration. */

export const MODES = ["strict", "prefer", "observe", "off"] as const;

const order = someOf(clusterId, "cluster ids", "cluster id").check(distinct).meta({
  description:
    "With mode prefer: where to go, in order, when the local cluster has no healthy endpoint. Default: the other clusters, as listed in `clusters`.",
});

export const rule = object({
  services: someOf(servicePattern, "patterns", "pattern")
    .optional()
    .meta({ description: "Kubernetes services: namespace/name, namespace/*, or * for every service." }),
  hosts: someOf(hostPattern, "patterns", "pattern").optional().meta({
    description: "Hosts by name: a whole host name, *.suffix, or * for every host, external ones too.",
  }),
  mode: choice(MODES).meta({
    description:
      "strict: the local cluster's endpoints or an error. prefer: local while one is healthy, then `order`. observe: change nothing, count what would have changed. off: leave alone.",
  }),
  order: order.optional(),
}).check(
  z.superRefine(
    (rule, context) => {
      if (rule.services === undefined && rule.hosts === undefined) {
        context.addIssue({ code: "custom", message: `names nothing, allowed: "services", "hosts" or both` });
      }
      if (rule.order !== undefined && rule.mode !== "prefer") {
        context.addIssue({ code: "custom", path: ["order"], message: 'allowed only with mode "prefer"' });
      }
    },
    { when: ({ value }) => isRecord(value) },
  ),
);

export type Rule = z.output<typeof rule>;
export type Mode = Rule["mode"];

export const rules = list(rule, "rules").default([]).meta({
  description:
    "The most specific pattern wins, whatever the order: a whole name, then the longest suffix, then *. What no rule names is left alone.",
});

/** A file with these two lists, whose items may be anything: checks across fields run beside other errors. */
export interface MaybeRules {
  clusters: readonly unknown[];
  rules: readonly ({ [Field in keyof Rule]?: unknown } | null)[];
}

export function hasLists({ value }: { value: unknown }): boolean {
  return isRecord(value) && Array.isArray(value.clusters) && Array.isArray(value.rules);
}

/** Patterns that stand for the same hosts, or for none that can exist; for a file with `rules` and `clusterDomain`. */
export const patternsMakeSense = z.superRefine<Pick<MaybeRules, "rules"> & { clusterDomain: string }>(
  ({ rules, clusterDomain }, context) => {
    const first = new Map<string, WrittenPattern>();
    for (const pattern of patternsOf(rules)) {
      const hosts = hostsOf(pattern, clusterDomain);
      const path = pathOf(pattern);
      const same = first.get(hosts);
      if (isTooLong(hosts)) {
        context.addIssue({ code: "custom", path, message: "stands for a host name longer than 253 bytes" });
      } else if (same) {
        const [, other, kind, index] = pathOf(same);
        const message = `names the same hosts as rules[${other}].${kind}[${index}], allowed once`;
        context.addIssue({ code: "custom", path, message });
      } else first.set(hosts, pattern);
    }
  },
  {
    when: ({ value }) =>
      isRecord(value) && Array.isArray(value.rules) && typeof value.clusterDomain === "string",
  },
);

/** The path of a pattern in a file with `rules`. */
export function pathOf({ rule, kind, index }: WrittenPattern): (string | number)[] {
  return ["rules", rule, kind, index];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
