import { z } from "zod";
import { distinct, isRecord, object, record, someOf } from "../input/fields.ts";
import type { Finding } from "../input/problem.ts";
import {
  clusterId,
  envoyClusterName,
  MAX_HOST,
  namespaceName,
  ownHeader,
  serviceName,
  serviceOrHost,
} from "./names.ts";
import { hostsOf } from "./pattern.ts";

/** A way for trusted callers to send one request elsewhere; the same in the policy and in the plugin configuration. */
export const override = object({
  header: ownHeader.meta({ description: "The header that asks; removed from every request." }),
  allow: someOf(clusterId, "cluster ids")
    .check(distinct)
    .meta({ description: "What it may ask for: local, any (no pin), or the id of a cluster." }),
  from: someOf(namespaceName, "namespaces")
    .check(distinct)
    .meta({ description: "The namespaces whose callers may ask." }),
});

export type Override = z.output<typeof override>;

/** What `override.allow` may name beside clusters. */
export const OVERRIDE_WORDS = ["local", "any"] as const;

export const names = record(envoyClusterName, serviceOrHost, "the name of an Envoy cluster").meta({
  description:
    "What Envoy clusters stand for whose names do not say it: their name, and namespace/name or a host.",
});

/** What stands beside the rules of a file, well formed or not. */
interface Extras {
  clusterDomain?: unknown;
  names?: unknown;
}

/** Whether a file's `names` agree with themselves. */
export const extrasMakeSense = z.superRefine<Extras>(
  ({ clusterDomain, names }, context) => {
    for (const { code, path, message } of checkNames(isRecord(names) ? names : {}, clusterDomain)) {
      context.addIssue({ code: "custom", path: [...path], message, params: { code } });
    }
  },
  { when: ({ value }) => isRecord(value) },
);

function checkNames(names: Record<string, unknown>, clusterDomain: unknown): Finding[] {
  const seen = new Set<string>();
  return Object.entries(names).flatMap(([name, text]) => {
    const again = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    const path = ["names", name];
    const twice = "the same cluster name as another but for its case, allowed once";
    return [
      ...(again ? [{ code: "CL0204" as const, path, message: twice }] : []),
      ...(isTooLong(text, clusterDomain) ? [{ code: "CL0203" as const, path, message: TOO_LONG }] : []),
    ];
  });
}

const TOO_LONG = "stands for a host name longer than 253 bytes";

function isTooLong(text: unknown, clusterDomain: unknown): boolean {
  if (!serviceName.safeParse(text).success || typeof clusterDomain !== "string") return false;
  return hostsOf({ kind: "services", text: text as string }, clusterDomain).length > MAX_HOST;
}
