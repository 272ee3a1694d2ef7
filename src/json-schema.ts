import { z } from "zod";
import { meshSchema } from "./inventory/mesh.ts";
import { pricesSchema } from "./live/prices.ts";
import { pluginConfigSchema } from "./policy/plugin-config.ts";
import { policySchema } from "./policy/policy.ts";

const SCHEMAS = {
  policy: policySchema,
  "plugin-config": pluginConfigSchema,
  mesh: meshSchema,
  prices: pricesSchema,
};

/** The files that people write, by the name of their schema. */
export type SchemaName = keyof typeof SCHEMAS;
export const SCHEMA_NAMES = Object.keys(SCHEMAS) as SchemaName[];

/**
 * The JSON Schema of a file (draft 7, the one that editors know best), as text. It says what a field may hold; how
 * fields depend on each other, only the parser knows.
 */
export function jsonSchema(name: SchemaName): string {
  const schema = z.toJSONSchema(SCHEMAS[name], { target: "draft-7", io: "input" });
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Its name in src/schema. */
export function schemaFile(name: SchemaName): string {
  return `${name}.schema.json`;
}
