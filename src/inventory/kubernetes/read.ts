import type { Problem } from "../../input/problem.ts";
import { describe } from "../../input/words.ts";
import { readDocuments } from "./documents.ts";
import { fieldsOf, textOf } from "../../input/loose.ts";
import type { KubeObject } from "./object.ts";
import { partsOf } from "./split.ts";
import { trimmed } from "./trim.ts";

/** A file of the inventory. */
export interface InventoryFile {
  /** As the user would name it. */
  file: string;
  text: string;
  /** The cluster that it is of. */
  cluster?: string | undefined;
  /** What a cluster would be called that the file could be of: its name in the folder, or that of the folder there. */
  place?: string | undefined;
}

/** The objects of all files, of whatever kind. */
export function readObjects(files: readonly InventoryFile[]): { objects: KubeObject[]; problems: Problem[] } {
  const objects: KubeObject[] = [];
  const problems: Problem[] = [];
  for (const one of files) {
    const apart = readApart(one);
    if (apart) {
      for (const object of apart) objects.push(object);
      continue;
    }
    const { file, text, cluster } = one;
    const documents = readDocuments(text, file);
    problems.push(...documents.problems);
    documents.values.forEach((value, index) => {
      const object = objectOf(value, file, cluster);
      if (object) objects.push(object);
      else
        problems.push({ code: "CL0104", file, path: `document ${index + 1}`, message: notAnObject(value) });
    });
  }
  return { objects, problems };
}

/**
 * The objects of a text that is read in parts, one after the other: of a large mesh, all at once would need several times the
 * memory. Undefined where the text has no parts or something is wrong, which reading it whole says best.
 */
function readApart({ file, text, cluster }: InventoryFile): KubeObject[] | undefined {
  const parts = partsOf(text);
  if (parts.length < 2) return undefined;
  const objects: KubeObject[] = [];
  for (const part of parts) {
    const { values, problems } = readDocuments(part, file);
    if (problems.length > 0) return undefined;
    for (const value of values) {
      const object = objectOf(value, file, cluster);
      if (!object) return undefined;
      objects.push(object);
    }
  }
  return objects;
}

/** The only document of a text. Throws Error where it is none. */
export function documentOf(text: string): unknown {
  const { values, problems } = readDocuments(text, "");
  if (problems.length > 0 || values.length !== 1) throw new Error("not one document");
  return values[0];
}

/** An object from its fields; undefined when these lack what every object has. */
export function objectOf(value: unknown, file: string, cluster: string | undefined): KubeObject | undefined {
  const fields = trimmed(fieldsOf(value));
  const metadata = fieldsOf(fields.metadata);
  const kind = textOf(fields.kind);
  const name = textOf(metadata.name);
  if (kind === undefined || name === undefined) return undefined;
  return {
    apiVersion: textOf(fields.apiVersion) ?? "",
    kind,
    namespace: textOf(metadata.namespace) ?? "default",
    name,
    labels: texts(metadata.labels),
    annotations: texts(metadata.annotations),
    spec: fieldsOf(fields.spec),
    fields,
    file,
    cluster,
  };
}

function notAnObject(value: unknown): string {
  const { kind } = fieldsOf(value);
  const found = textOf(kind) === undefined ? describe(value) : `${kind as string} without metadata.name`;
  return `found ${found}, allowed: a Kubernetes object with kind and metadata.name`;
}

function texts(value: unknown): Record<string, string> {
  const entries = Object.entries(fieldsOf(value)).map(([key, text]) => [key, String(text)] as const);
  return Object.fromEntries(entries);
}
