import { z } from "zod";
import { ownOf } from "./loose.ts";
import type { Path } from "./path.ts";

/** The schema of the field at the path; undefined where there is no such field. */
export function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let at: z.ZodType | undefined = unwrap(schema);
  for (const part of path) {
    if (at instanceof z.ZodArray) at = at.element as z.ZodType;
    else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType;
    else if (at instanceof z.ZodObject) at = ownOf(at.shape, String(part)) as z.ZodType | undefined;
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
