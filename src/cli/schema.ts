import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "citty";
import { readText } from "../files/read.ts";
import { writeFiles } from "../files/write.ts";
import { jsonSchema, schemaFile, SCHEMA_NAMES, type SchemaName } from "../json-schema.ts";
import { withHint } from "./flags.ts";
import { BAD_INPUT, OK, UsageError, type Io } from "./io.ts";
import { packageRoot } from "./package-root.ts";

const args = {
  name: {
    type: "positional",
    required: false,
    description: `Which one to print: ${SCHEMA_NAMES.join(", ")}.`,
  },
  out: { type: "string", valueHint: "DIR", description: "Write all of them into this folder." },
  check: {
    type: "boolean",
    description: "Fail when those in the folder (default: this package's) are stale.",
  },
} as const;

/** `cluster-local schema`. */
export function schemaCommand(io: Io) {
  return defineCommand({
    meta: { name: "schema", description: "Prints the JSON Schema of a file, for editors and checks." },
    args,
    run: ({ args: { name, out, check } }) => {
      if (name !== undefined && (out !== undefined || check)) {
        throw new UsageError(
          "a name is for printing, --out and --check are for all schemas: use one of them",
        );
      }
      if (check) return checkSchemas(out ?? join(packageRoot(), "src", "schema"), io);
      if (out !== undefined) return writeSchemas(out, io);
      return printSchema(name, io);
    },
  });
}

function printSchema(name: string | undefined, io: Io): number {
  const known = SCHEMA_NAMES.find((known) => known === name);
  if (name === undefined) throw new UsageError(`a name is missing, allowed: ${SCHEMA_NAMES.join(", ")}`);
  if (!known) throw new UsageError(withHint(`unknown schema "${name}"`, name, SCHEMA_NAMES));
  io.out(jsonSchema(known).trimEnd());
  return OK;
}

function writeSchemas(dir: string, io: Io): number {
  const files = new Map(SCHEMA_NAMES.map((name) => [schemaFile(name), jsonSchema(name)]));
  for (const { path, change } of writeFiles(dir, files)) io.out(`${path}  ${change}`);
  return OK;
}

function checkSchemas(dir: string, io: Io): number {
  const stale = SCHEMA_NAMES.filter((name) => !isFresh(name, join(dir, schemaFile(name))));
  for (const name of stale)
    io.err(`${join(dir, schemaFile(name))} is stale: run cluster-local schema --out ${dir}`);
  return stale.length > 0 ? BAD_INPUT : OK;
}

function isFresh(name: SchemaName, file: string): boolean {
  return existsSync(file) && readText(file) === jsonSchema(name);
}
