import { z } from "zod";
import { isRecord, list } from "../input/fields.ts";
import { findingsOf } from "../input/findings.ts";
import { formatOf, readSource } from "../input/parse.ts";
import type { Parsed } from "../input/problem.ts";
import { meshSchema } from "./mesh.ts";
import { modelOf, type Mesh } from "./model.ts";
import { clusterEntry, meshShape, serviceEntry, type ServiceEntry } from "./schema.ts";

/**
 * Reads of an inventory file only what concerns requests for a host: the services that it may name, and those that gateways
 * route to. To check ten thousand others takes longer than to answer; `parseMesh` checks them all, and against each other.
 */
export function parseMeshFor(host: string, text: string, file: string): Parsed<Mesh> {
  const read = readSource(text, file, formatOf(file, "yaml"));
  if (!read.ok) return read;
  const { source, findings } = read.value;
  const name = host.toLowerCase().split(/[.:]/, 1)[0]!;
  const routed = routedServices(source.value);
  const concerns = (item: unknown) => {
    const service =
      isRecord(item) && typeof item.service === "string" ? item.service.toLowerCase() : undefined;
    return service === undefined || service.endsWith(`/${name}`) || routed.has(service);
  };
  const result = schemaFor(concerns).safeParse(source.value);
  const problems = [
    ...findings,
    // The paths are those of the whole schema, and so are the hints.
    ...(result.success ? [] : findingsOf(result.error.issues, meshSchema, source)),
  ];
  return result.success && problems.length === 0
    ? { ok: true, value: modelOf(result.data), source }
    : { ok: false, problems: source.problems(problems) };
}

/** The inventory's schema, in which services that are of no concern are left out unread. */
function schemaFor(concerns: (item: unknown) => boolean) {
  const services = list(z.unknown(), "services")
    .default([])
    .transform((items, context) => {
      const kept: ServiceEntry[] = [];
      items.forEach((item, index) => {
        if (!concerns(item)) return;
        const { success, data, error } = serviceEntry.safeParse(item);
        if (success) kept.push(data);
        else
          context.issues.push(
            ...error.issues.map(
              (issue) => ({ ...issue, path: [index, ...issue.path], input: item }) as never,
            ),
          );
      });
      return kept;
    });
  return meshShape.extend({ clusters: z.array(clusterEntry.extend({ services })).min(1) });
}

/** What is written under `service` in the routes of callers, in lower case. */
function routedServices(value: unknown): Set<string> {
  const inner = (value: unknown, field: string): unknown[] => {
    const items = isRecord(value) ? value[field] : undefined;
    return Array.isArray(items) ? (items as unknown[]) : [];
  };
  const routes = inner(value, "clusters")
    .flatMap((cluster) => inner(cluster, "callers"))
    .flatMap((caller) => inner(caller, "routes"));
  const named = routes.flatMap((route) => [
    route,
    ...inner(route, "weighted"),
    ...(isRecord(route) ? [route.mirror] : []),
  ]);
  return new Set(named.map((one) => (isRecord(one) ? String(one.service).toLowerCase() : "")));
}
