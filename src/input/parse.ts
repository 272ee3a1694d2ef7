import { z } from "zod";
import { findingsOf } from "./findings.ts";
import { JsonSyntaxError, readJson } from "./json.ts";
import { Lines } from "./lines.ts";
import type { Path } from "./path.ts";
import type { Finding, Parsed, Problem } from "./problem.ts";
import { schemaAt } from "./schema-at.ts";
import { Source } from "./source.ts";
import { readYaml, YamlSyntaxError } from "./yaml.ts";

export type Format = "json" | "yaml";

/** The format that a file's name tells, or the one that its kind is usually written in. */
export function formatOf(file: string, usual: Format): Format {
  if (/\.json$/i.test(file)) return "json";
  return /\.ya?ml$/i.test(file) ? "yaml" : usual;
}

/**
 * Reads a text and checks it against the schema. All problems are reported at once; a syntax error stands alone, for
 * what comes after it is guesswork.
 */
export function parseText<S extends z.ZodType>(
  schema: S,
  text: string,
  file: string,
  format: Format,
): Parsed<z.output<S>> {
  const read = readSource(text, file, format);
  return read.ok ? checkSource(schema, read.value) : read;
}

/** A text that was read, and what is wrong with its keys. */
export interface ReadSource {
  source: Source;
  findings: Finding[];
}

/** Reads a text, whatever it is to be; only its syntax can be wrong. */
export function readSource(
  text: string,
  file: string,
  format: Format,
): { ok: true; value: ReadSource } | { ok: false; problems: Problem[] } {
  try {
    const { value, findings, find } = format === "json" ? readJson(text) : readYaml(text);
    return { ok: true, value: { source: new Source(file, text, value, find), findings } };
  } catch (error) {
    return { ok: false, problems: syntaxProblems(error, text, file) };
  }
}

/** Checks what was read against the schema. */
export function checkSource<S extends z.ZodType>(
  schema: S,
  { source, findings }: ReadSource,
): Parsed<z.output<S>> {
  const result = schema.safeParse(source.value);
  const keys = [...findings.filter((finding) => isRead(finding, schema)), ...dropped(source, schema)];
  if (result.success && keys.length === 0) return { ok: true, value: result.data, source };
  const found = result.success ? [] : findingsOf(result.error.issues, schema, source);
  return { ok: false, problems: source.problems([...keys, ...found]) };
}

/** The keys that zod leaves out of records in silence: nothing may be called so. */
function dropped({ text, value }: Source, schema: z.ZodType): Finding[] {
  const message = 'found "__proto__", allowed: any other name';
  const within = (inner: unknown, path: Path): Finding[] => {
    if (typeof inner !== "object" || inner === null) return [];
    return Object.entries(inner).flatMap(([key, one]) => {
      const at = [...path, Array.isArray(inner) ? Number(key) : key];
      const isDropped = key === "__proto__" && schemaAt(schema, path) instanceof z.ZodRecord;
      return [
        ...(isDropped ? [{ code: "CL0203" as const, path: at, key: true, message }] : []),
        ...within(one, at),
      ];
    });
  };
  return text.includes("__proto__") ? within(value, []) : [];
}

/** Whether the keys around it mean something; what is in an unknown field, nobody reads. */
function isRead({ path }: Finding, schema: z.ZodType): boolean {
  if (typeof path.at(-1) === "number") return false;
  const around = schemaAt(schema, path.slice(0, -1));
  return around instanceof z.ZodObject || around instanceof z.ZodRecord;
}

function syntaxProblems(error: unknown, text: string, file: string): Problem[] {
  const lines = new Lines(text);
  if (error instanceof JsonSyntaxError) {
    return [{ code: "CL0102", file, path: "(root)", message: error.message, ...lines.position(error.at) }];
  }
  if (!(error instanceof YamlSyntaxError)) throw error;
  return error.errors.map(({ message, at }) => ({
    code: "CL0102",
    ...{ file, path: "(root)", message, ...lines.position(at) },
  }));
}
