import { z } from "zod";
import { distinct, flag, isRecord, object, someOf, version } from "../input/fields.ts";
import { formatOf, parseText } from "../input/parse.ts";
import type { Parsed } from "../input/problem.ts";
import { extrasMakeSense, names, override } from "./extras.ts";
import { clusterDomain, clusterId } from "./names.ts";
import { patternsMakeSense, type MaybeRules } from "./patterns-make-sense.ts";
import { rules } from "./rules.ts";

/** The plugin configuration: what the filter reads (assembly/core/config-reader.ts reads the same). */
export const pluginConfigSchema = object({
  version: version().meta({ description: "The version of this format." }),
  enabled: flag().default(true).meta({
    description: "The switch: false leaves every request alone (the override's header is still removed).",
  }),
  localCluster: clusterId
    .optional()
    .meta({ description: "The cluster that the proxy runs in. Default: CLUSTER_ID of its node metadata." }),
  clusterDomain: clusterDomain
    .default("cluster.local")
    .meta({ description: "The DNS domain of the Kubernetes services." }),
  clusters: someOf(clusterId, "cluster ids").check(distinct).optional().meta({
    description: "The ids of the mesh's clusters: the failover order of `prefer` rules that name none.",
  }),
  override: override
    .optional()
    .meta({ description: "Lets trusted callers send one request elsewhere. Default: nobody may." }),
  names: names.optional(),
  debug: flag().default(false).meta({
    description: "For generators: a response header says what was decided. The filter does not read it.",
  }),
  rules,
})
  .check(patternsMakeSense)
  .check(extrasMakeSense)
  .check(
    z.superRefine<{ clusters?: unknown; rules: MaybeRules }>(
      ({ clusters, rules }, context) => {
        if (clusters !== undefined) return;
        rules.forEach((rule, number) => {
          if (rule?.mode !== "prefer" || rule.order !== undefined) return;
          const message = 'missing, allowed with mode "prefer": cluster ids here, or in "clusters"';
          context.addIssue({
            code: "custom",
            path: ["rules", number, "order"],
            message,
            params: { code: "CL0202" },
          });
        });
      },
      { when: ({ value }) => isRecord(value) && Array.isArray(value.rules) },
    ),
  )
  .meta({
    title: "cluster-local plugin configuration",
    description: "What the cluster-local Envoy filter reads.",
  });

/** A plugin configuration with its defaults filled in. */
export type PluginConfig = z.output<typeof pluginConfigSchema>;
/** A plugin configuration as it is written, defaults left out. */
export type PluginConfigInput = z.input<typeof pluginConfigSchema>;

/** An escape (RFC 8259, section 7) of what is not ASCII: the filter knows none. */
const FAR_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}/;

/** The largest plugin configuration that the filter reads, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Reads a plugin configuration: JSON, as the filter does, or YAML when the file's name ends so. */
export function parsePluginConfig(text: string, file: string): Parsed<PluginConfig> {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    const message = "the configuration is larger than 16 MiB";
    return { ok: false, problems: [{ code: "CL0203", file, path: "(root)", message }] };
  }
  const format = formatOf(file, "json");
  if (format === "json" && FAR_ESCAPE.test(text)) {
    const message = "found an escape of a character that is not ASCII, which no name here has";
    return { ok: false, problems: [{ code: "CL0203", file, path: "(root)", message }] };
  }
  return parseText(pluginConfigSchema, text, file, format);
}
