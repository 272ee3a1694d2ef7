import { isEqual } from "./digest.ts";
import { fieldsOf } from "../../input/loose.ts";
import type { KubeObject } from "./object.ts";

/** The kinds whose names sidecars have as WORKLOAD_NAME, and rules as callers. */
const KINDS = ["Deployment", "StatefulSet", "DaemonSet"];

/**
 * The labels that select the pods of a workload, by `namespace/name`. One that selects otherwise than by labels, or not
 * alike in every cluster, is left out.
 */
export function readWorkloads(objects: readonly KubeObject[]): Map<string, Record<string, string>> {
  const workloads = new Map<string, Record<string, string>>();
  const odd = new Set<string>();
  for (const { kind, apiVersion, namespace, name, spec } of objects) {
    if (!KINDS.includes(kind) || !apiVersion.startsWith("apps/")) continue;
    const key = `${namespace}/${name}`;
    const { matchLabels, matchExpressions } = fieldsOf(spec.selector);
    const labels = Object.entries(fieldsOf(matchLabels)).map(([label, value]) => [label, String(value)]);
    const known = workloads.get(key);
    const selector = Object.fromEntries(labels) as Record<string, string>;
    if (labels.length === 0 || matchExpressions !== undefined || (known && !isEqual(known, selector)))
      odd.add(key);
    workloads.set(key, selector);
  }
  for (const key of odd) workloads.delete(key);
  return workloads;
}
