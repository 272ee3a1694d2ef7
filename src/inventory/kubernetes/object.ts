import type { Code } from "../../input/kinds.ts";
import type { Fields } from "../../input/loose.ts";
import type { Problem } from "../../input/problem.ts";

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
export function problemOf(code: Code, object: KubeObject, path: string, message: string): Problem {
  const at = path === "" ? titleOf(object) : `${titleOf(object)}: ${path}`;
  return { code, file: object.file, path: at, message };
}
