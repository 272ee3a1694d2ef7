import { z } from "zod";
import { ownOf } from "./loose.ts";
import type { Path } from "./path.ts";

/** The schema of the field at the path; undefined where there is no such field. */
export function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let at: z.ZodType | undefined = unwrap(schema);
  for (const part of path) {
    // A key where a list belongs leads nowhere, and so does a position in an object.
    if (at instanceof z.ZodArray) at = typeof part === "number" ? (at.element as z.ZodType) : undefined;
    else if (typeof part === "number") return undefined;
    else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType;
    else if (at instanceof z.ZodObject) at = ownOf(at.shape, part) as z.ZodType | undefined;
    else return undefined;
    at = at && unwrap(at);
  }
  return at;
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema;
}
