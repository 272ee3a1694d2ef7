import { isRecord } from "../../input/fields.ts";
import type { Problem } from "../../input/problem.ts";

/** Fields as they were read: of unknown names and types. */
export interface Fields {
  [field: string]: unknown;
}

/** An object of Kubernetes, as a file has it. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  /** `default` where the file names none, as kubectl does. */
  namespace: string;
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: Fields;
  /** The whole object, for what stands beside `spec`: the endpoints of an EndpointSlice. */
  fields: Fields;
  file: string;
  /** The cluster that the file is of; undefined where the file does not say. */
  cluster: string | undefined;
}

/** `VirtualService default/reviews`: how messages name an object. */
export function titleOf({ kind, namespace, name }: Pick<KubeObject, "kind" | "namespace" | "name">): string {
  return `${kind} ${namespace}/${name}`;
}

/** A problem of an object, at a path inside of it. */
export function problemOf(object: KubeObject, path: string, message: string): Problem {
  const at = path === "" ? titleOf(object) : `${titleOf(object)}: ${path}`;
  return { file: object.file, path: at, message };
}

/** The fields of a value, none when it is no object. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** The items of a value, none when it is no list. */
export function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** The texts of a list; what is no text is left out. */
export function textsOf(value: unknown): string[] {
  return itemsOf(value).filter((item) => typeof item === "string");
}

/** A text; undefined when the value is none, or empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
