import { z } from "zod";
import { distinct, flag, isRecord, object, someOf, version } from "../input/fields.ts";
import { didYouMean } from "../input/nearest.ts";
import { formatOf, parseText } from "../input/parse.ts";
import type { Path } from "../input/path.ts";
import type { Parsed } from "../input/problem.ts";
import { extrasMakeSense, names, override, OVERRIDE_WORDS } from "./extras.ts";
import { clusterDomain, clusterId } from "./names.ts";
import { patternsMakeSense, type MaybeRules } from "./patterns-make-sense.ts";
import { rules } from "./rules.ts";

/** The policy file: what people write. */
export const policySchema = object({
  version: version().meta({ description: "The version of this format." }),
  enabled: flag().default(true).meta({ description: "The switch: false leaves every request alone." }),
  clusters: someOf(clusterId, "cluster ids")
    .check(distinct)
    .meta({ description: "The ids of the mesh's clusters, as in the sidecars' CLUSTER_ID." }),
  clusterDomain: clusterDomain
    .default("cluster.local")
    .meta({ description: "The DNS domain of the Kubernetes services." }),
  override: override
    .optional()
    .meta({ description: "Lets trusted callers send one request elsewhere. Default: nobody may." }),
  names: names.optional(),
  debug: flag().optional().meta({
    description:
      "Adds the response header x-cluster-local-decision, where the configuration is generated. Default: false.",
  }),
  rules,
})
  .check(patternsMakeSense)
  .check(extrasMakeSense)
  .check(
    z.superRefine<{ clusters: readonly unknown[]; override?: unknown; rules: MaybeRules }>(
      ({ clusters, override, rules }, context) => {
        const ids = clusters.filter((id) => typeof id === "string");
        if (ids.length < clusters.length) return;
        const check = (list: unknown, path: Path, others: readonly string[], allowed: string) => {
          const options = [...others, ...ids];
          (Array.isArray(list) ? (list as unknown[]) : []).forEach((id, index) => {
            if (typeof id !== "string" || options.includes(id)) return;
            const message = `found ${JSON.stringify(id)}, allowed: ${allowed}`;
            const params = { code: "CL0206", hint: didYouMean(id, options) };
            context.addIssue({ code: "custom", path: [...path, index], message, params });
          });
        };
        rules.forEach((rule, number) => {
          check(rule?.order, ["rules", number, "order"], [], 'an id that "clusters" lists');
        });
        const allow = isRecord(override) ? override.allow : undefined;
        const words = '"local", "any" or an id that "clusters" lists';
        check(allow, ["override", "allow"], OVERRIDE_WORDS, words);
      },
      {
        when: ({ value }) => isRecord(value) && Array.isArray(value.clusters) && Array.isArray(value.rules),
      },
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
