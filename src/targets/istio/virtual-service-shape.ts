import { z } from "zod";
import { formatPath, valueAt, type Path } from "../../input/path.ts";
import type { Problem } from "../../input/problem.ts";
import { describe } from "../../input/words.ts";
import { problemOf, type KubeObject } from "../../inventory/kubernetes/object.ts";

/** What weaving reads of a VirtualService. All else is carried along as it is, known or not. */

const texts = z.array(z.string());
const destination = z.looseObject({ host: z.string(), subset: z.string().optional() });
const anything = z.record(z.string(), z.unknown());
const match = z.looseObject({
  headers: anything.optional(),
  withoutHeaders: anything.optional(),
  sourceLabels: z.record(z.string(), z.string()).optional(),
  gateways: texts.optional(),
});
const operations = z.looseObject({
  set: anything.optional(),
  add: anything.optional(),
  remove: texts.optional(),
});
const headers = z.looseObject({ request: operations.optional() });
const route = z.looseObject({
  name: z.string().optional(),
  match: z.array(match).optional(),
  route: z.array(z.looseObject({ destination, headers: headers.optional() })).optional(),
  mirror: destination.optional(),
  mirrors: z.array(z.looseObject({ destination })).optional(),
  headers: headers.optional(),
  delegate: z.looseObject({ name: z.string(), namespace: z.string().optional() }).optional(),
});
const spec = z.looseObject({
  hosts: texts.optional(),
  gateways: texts.optional(),
  exportTo: texts.optional(),
  http: z.array(route).optional(),
});

export type Spec = z.output<typeof spec>;
export type Route = z.output<typeof route>;
export type Match = z.output<typeof match>;
export type Destination = z.output<typeof destination>;

const EXPECTED: Record<string, string> = {
  array: "a list",
  string: "a text",
  object: "an object",
  record: "an object",
};

/** A VirtualService that weaving understands. */
export interface VirtualService {
  object: KubeObject;
  spec: Spec;
}

/** Checks what weaving reads. */
export function readVirtualService(object: KubeObject): VirtualService | Problem[] {
  const result = spec.safeParse(object.spec);
  // What was read and not what zod made of it, which has its fields in another order.
  if (result.success) return { object, spec: object.spec };
  return result.error.issues.map((issue) => {
    const path = issue.path as Path;
    const found = valueAt(object.spec, path);
    const expected =
      issue.code === "invalid_type" ? (EXPECTED[issue.expected] ?? issue.expected) : issue.message;
    const message = `${found === undefined ? "missing" : `found ${describe(found)}`}, allowed: ${expected}`;
    return problemOf(object, formatPath(["spec", ...path]), message);
  });
}
