import { boolYaml11Tag, CORE_SCHEMA, loadAll, mergeTag, YAMLException } from "js-yaml";
import { readBlocks } from "../../input/block-yaml.ts";
import { JsonSyntaxError, readJson } from "../../input/json.ts";
import { Lines } from "../../input/lines.ts";
import type { Problem } from "../../input/problem.ts";
import { fieldsOf, itemsOf } from "../../input/loose.ts";

/** What a file holds: the values of its documents, those of a List one by one. */
export interface Documents {
  values: unknown[];
  problems: Problem[];
}

/** kubectl reads YAML 1.1, where `on`, `no` and `y` are booleans, too, and mappings can be merged into others. */
export const KUBECTL_YAML = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag);

/** Reads what `kubectl get -o yaml` (or json) prints, or what people write for `kubectl apply`. */
export function readDocuments(text: string, file: string): Documents {
  const { values, problems } = /^\s*[{[]/.test(text) ? fromJson(text, file) : fromYaml(text, file);
  return { values: values.flatMap(unlist), problems };
}

function fromJson(text: string, file: string): Documents {
  try {
    return { values: [JSON.parse(text) as unknown], problems: [] };
  } catch {
    // YAML's flow style looks like JSON. Of what is neither, our own reader says where it goes wrong.
    const yaml = fromYaml(text, file);
    return yaml.problems.length === 0 ? yaml : { values: [], problems: jsonProblems(text, file) };
  }
}

function jsonProblems(text: string, file: string): Problem[] {
  try {
    readJson(text);
    return [{ code: "CL0102", file, path: "(root)", message: "not JSON" }];
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return [
      { code: "CL0102", file, path: "(root)", message: error.message, ...new Lines(text).position(error.at) },
    ];
  }
}

/**
 * Inventories are large, and nothing in one is reported by its line, so that no places are kept (see input/yaml.ts). What
 * machines print is read by blocks; js-yaml knows the rest of YAML.
 */
function fromYaml(text: string, file: string): Documents {
  const value = readBlocks(text);
  if (value) return { values: [value], problems: [] };
  try {
    return { values: loadAll(text, { schema: KUBECTL_YAML, maxTotalMergeKeys: -1 }), problems: [] };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { reason, mark } = error;
    const place = mark && { line: mark.line + 1, col: mark.column + 1 };
    return {
      values: [],
      problems: [{ code: "CL0102", file, path: "(root)", message: `not YAML: ${reason}`, ...place }],
    };
  }
}

/** The items of a List (`kind: List`, `ServiceList`, ...), nothing of an empty document. */
function unlist(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  const { kind, items } = fieldsOf(value);
  if (typeof kind !== "string" || !kind.endsWith("List")) return [value];
  // In a typed list the items leave out what its own kind says.
  const item = kind.slice(0, -"List".length);
  return itemsOf(items).map((one) => (item === "" ? one : { kind: item, ...fieldsOf(one) }));
}
