import { z } from "zod";
import { distinct, flag, object, someOf, version } from "../input/fields.ts";
import { didYouMean } from "../input/nearest.ts";
import { formatOf, parseText } from "../input/parse.ts";
import type { Parsed } from "../input/problem.ts";
import { clusterDomain, clusterId } from "./names.ts";
import { hasLists, patternsMakeSense, rules, type MaybeRules } from "./rules.ts";

/** The policy file: what people write. */
export const policySchema = object({
  version: version().meta({ description: "The version of this format." }),
  enabled: flag().default(true).meta({ description: "The switch: false leaves every request alone." }),
  clusters: someOf(clusterId, "cluster ids", "cluster id")
    .check(distinct)
    .meta({ description: "The ids of the mesh's clusters, as in the sidecars' CLUSTER_ID." }),
  clusterDomain: clusterDomain
    .default("cluster.local")
    .meta({ description: "The DNS domain of the Kubernetes services." }),
  rules,
})
  .check(patternsMakeSense)
  .check(
    z.superRefine<MaybeRules>(
      ({ clusters, rules }, context) => {
        const ids = clusters.filter((id) => typeof id === "string");
        if (ids.length < clusters.length) return;
        rules.forEach((rule, number) => {
          if (!Array.isArray(rule?.order)) return;
          rule.order.forEach((id: unknown, index) => {
            if (typeof id !== "string" || ids.includes(id)) return;
            context.addIssue({
              code: "custom",
              path: ["rules", number, "order", index],
              message: `found ${JSON.stringify(id)}, allowed: an id that "clusters" lists`,
              params: { hint: didYouMean(id, ids) },
            });
          });
        });
      },
      { when: hasLists },
    ),
  )
  .meta({
    title: "cluster-local policy",
    description: "Which services keep their requests inside the caller's own cluster.",
  });

export type Policy = z.output<typeof policySchema>;

/** Reads a policy file: YAML, or JSON when its name ends so. */
export function parsePolicy(text: string, file: string): Parsed<Policy> {
  return parseText(policySchema, text, file, formatOf(file, "yaml"));
}
