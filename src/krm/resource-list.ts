import { load } from "js-yaml";
import { KUBECTL_YAML } from "../inventory/kubernetes/documents.ts";
import { fieldsOf, itemsOf, type Fields } from "../input/loose.ts";
import { toYaml } from "../targets/istio/yaml.ts";

/** What a KRM function reads and writes (KRM Functions Specification v1, "ResourceList"). */
export interface ResourceList {
  items: Fields[];
  functionConfig?: Fields;
  results?: Result[];
}

/** What a function has to say. */
export interface Result {
  severity: "error" | "warning" | "info";
  message: string;
  resourceRef?: Fields;
}

const HEAD = { apiVersion: "config.kubernetes.io/v1", kind: "ResourceList" } as const;

/** Throws Error when the text is no ResourceList. */
export function readResourceList(text: string): ResourceList {
  const fields = fieldsOf(load(text, { schema: KUBECTL_YAML, maxTotalMergeKeys: -1 }));
  if (fields.kind !== HEAD.kind)
    throw new Error(
      `found kind ${JSON.stringify(fields.kind ?? null)}, allowed: "${HEAD.kind}" of config.kubernetes.io`,
    );
  return {
    items: itemsOf(fields.items).map(fieldsOf),
    ...(fields.functionConfig !== undefined && { functionConfig: fieldsOf(fields.functionConfig) }),
  };
}

export function writeResourceList({ items, functionConfig, results = [] }: ResourceList): string {
  return toYaml({
    ...{ ...HEAD, items, functionConfig },
    ...(results.length > 0 && { results }),
  });
}
