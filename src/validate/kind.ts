import { isRecord } from "../input/fields.ts";
import type { Format } from "../input/parse.ts";
import { describe } from "../input/words.ts";

/** What a file is. */
export type FileKind = "policy" | "plugin configuration" | "inventory" | "Kubernetes resources";

/** Fields that only a plugin configuration has. */
const PLUGIN_ONLY = ["localCluster"];
/** Fields that only an inventory has. */
const MESH_ONLY = ["healthCheck", "outlierDetection"];
const SHARED = ["rules", "clusters", "enabled", "override", "names", "clusterDomain"];

/**
 * What a file of our own is meant to be, by its fields; undefined when these do not tell. A policy and a plugin
 * configuration share most of theirs: what lists no clusters is a plugin configuration when it is JSON, as these are.
 */
export function kindOf(value: unknown, format: Format): FileKind | undefined {
  if (!isRecord(value)) return undefined;
  const has = (field: string) => Object.hasOwn(value, field);
  const clusters: unknown[] = Array.isArray(value.clusters) ? value.clusters : [];
  if (MESH_ONLY.some(has) || clusters.some(isRecord)) return "inventory";
  if (PLUGIN_ONLY.some(has)) return "plugin configuration";
  if (has("clusters")) return "policy";
  if (!SHARED.some(has)) return undefined;
  return format === "json" ? "plugin configuration" : "policy";
}

/** Why it is not known what a file is. */
export function unclear(value: unknown): string {
  const fields = isRecord(value) ? Object.keys(value).slice(0, 5) : [];
  const found = isRecord(value)
    ? fields.length === 0
      ? "found no fields"
      : `found the fields ${fields.join(", ")}`
    : `found ${describe(value)}`;
  return `cannot tell what this is: ${found}, allowed: a policy (clusters, rules), a plugin configuration (localCluster, rules), an inventory (clusters with services) or Kubernetes resources (apiVersion, kind)`;
}
