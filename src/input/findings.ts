import { z } from "zod";
import type { Code } from "./kinds.ts";
import { didYouMean } from "./nearest.ts";
import { valueAt } from "./path.ts";
import type { Finding } from "./problem.ts";
import { schemaAt } from "./schema-at.ts";
import type { Source } from "./source.ts";
import { describe } from "./words.ts";

/** What zod's issues mean for the person who wrote the file. */
export function findingsOf(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  source: Source,
): Finding[] {
  return issues.flatMap((issue) => findingOf(issue, schema, source));
}

function findingOf(issue: z.core.$ZodIssue, schema: z.ZodType, source: Source): Finding | Finding[] {
  const path = issue.path as (string | number)[];
  if (issue.code === "custom" && issue.params?.allowed !== true)
    return {
      code: (issue.params?.code as Code | undefined) ?? "CL0205",
      ...{ path, message: issue.message, hint: issue.params?.hint as string | undefined },
    };
  if (issue.code === "unrecognized_keys") {
    const at = schemaAt(schema, path);
    const fields = at instanceof z.ZodObject ? Object.keys(at.shape) : [];
    return issue.keys.map((key) => ({
      code: "CL0201",
      path: [...path, key],
      key: true,
      message: `unknown field, allowed: ${issue.message}`,
      hint: didYouMean(key, fields),
    }));
  }
  if (issue.code === "invalid_key") {
    const key = String(path.at(-1));
    return { code: "CL0203", path, key: true, message: `found ${describe(key)}, allowed: ${issue.message}` };
  }
  const found = valueAt(source.value, path);
  if (found === undefined) return { code: "CL0202", path, message: `missing, allowed: ${issue.message}` };
  const written = source.find(path)?.written;
  return {
    code: "CL0203",
    path,
    message: `found ${describe(found, written)}, allowed: ${issue.message}`,
    hint: hintFor(found, written, schemaAt(schema, path)),
  };
}

function hintFor(
  found: unknown,
  written: string | undefined,
  schema: z.ZodType | undefined,
): string | undefined {
  if (!schema) return undefined;
  if (schema instanceof z.ZodEnum && typeof found === "string")
    return didYouMean(found, schema.options.map(String));
  // YAML 1.2 reads 1.10 and 0x1 as numbers, and true as a boolean, also where a name was meant ...
  if (typeof found === "number" || typeof found === "boolean") {
    const text = written ?? String(found);
    return schema.safeParse(text).success ? `write it in quotes: ${JSON.stringify(text)}` : undefined;
  }
  if (typeof found !== "string") return undefined;
  // ... and yes, no, on and off as texts, where YAML 1.1 read booleans.
  if (schema instanceof z.ZodBoolean && /^(yes|on|no|off)$/i.test(found)) {
    return `did you mean ${/^(yes|on)$/i.test(found)}?`;
  }
  const isPlain = /^(?:true|false|0|[1-9]\d*)$/.test(found) && schema.safeParse(JSON.parse(found)).success;
  return isPlain ? `write it without quotes: ${found}` : undefined;
}
