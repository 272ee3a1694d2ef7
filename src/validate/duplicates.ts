import type { Problem } from "../input/problem.ts";
import { isEqual } from "../inventory/kubernetes/digest.ts";
import type { Disputed } from "../inventory/kubernetes/model.ts";
import { problemOf, titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { Places } from "./place.ts";

/** Objects that are there twice: in one cluster, or in one file of which the cluster is not known, or otherwise in one file than in another. Each is told with both places. */
export function duplicates(
  objects: readonly KubeObject[],
  disputed: readonly Disputed[],
  texts: ReadonlyMap<string, string>,
): { errors: Problem[]; warnings: Problem[] } {
  const places = new Places(texts, objects);
  const told = (found: Problem, object: KubeObject, other: KubeObject) => {
    const there = places.of(other);
    const place = there ? `${other.file}:${there.line}` : other.file;
    return { ...found, message: found.message.replace(other.file, place), ...places.of(object) };
  };
  const known = new Map<string, KubeObject>();
  const errors = disputed.map(({ object, other, problem }) => told(problem, object, other));
  const isDisputed = new Set(disputed.map(({ object }) => object));
  const warnings: Problem[] = [];
  for (const object of objects) {
    const key = `${object.cluster ?? object.file} ${object.apiVersion} ${titleOf(object)}`;
    const other = known.get(key);
    if (!other) known.set(key, object);
    if (!other || isDisputed.has(object)) continue;
    const same = isEqual(content(object), content(other));
    const message = same ? `is the same as in ${other.file}` : `differs from the one in ${other.file}`;
    const code = same ? "CL0106" : "CL0105";
    warnings.push(told(problemOf(code, object, "", message), object, other));
  }
  return { errors, warnings };
}

/** All but what the API server writes. */
function content({ fields }: KubeObject): unknown {
  return { ...fields, metadata: undefined, status: undefined };
}
