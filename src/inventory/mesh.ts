import { z } from "zod";
import { formatOf, parseText } from "../input/parse.ts";
import type { Parsed } from "../input/problem.ts";
import { checkMesh } from "./check.ts";
import { modelOf, type Mesh } from "./model.ts";
import { meshShape } from "./schema.ts";

/** The inventory file, with the checks of its entries against each other. */
export const meshSchema = meshShape
  .check(
    z.superRefine(checkMesh, {
      when: ({ value }) => Array.isArray((value as { clusters?: unknown } | null)?.clusters),
    }),
  )
  .meta({
    title: "cluster-local inventory",
    description: "What runs in which cluster, and through which Envoys it is called.",
  });

/** Reads an inventory file: YAML, or JSON when its name ends so. */
export function parseMesh(text: string, file: string): Parsed<Mesh> {
  const parsed = parseText(meshSchema, text, file, formatOf(file, "yaml"));
  return parsed.ok ? { ...parsed, value: modelOf(parsed.value) } : parsed;
}
