import { z } from "zod";
import type { Path } from "../input/path.ts";
import {
  callerEntry,
  clusterEntry,
  route,
  serviceEntry,
  type CallerEntry,
  type Route,
  type ServiceEntry,
} from "./schema.ts";

/** An entry of the inventory with the cluster that it stands in. */
export interface Entry<T> {
  path: Path;
  cluster: string;
  value: T;
}

/** A caller without its routes, which are listed by themselves. */
export type CallerOnly = Omit<CallerEntry, "routes"> & { routes?: unknown };

export interface Entries {
  ids: { path: Path; value: string }[];
  services: Entry<ServiceEntry>[];
  callers: Entry<CallerOnly>[];
  routes: Entry<Route>[];
  /** No service was left out. */
  complete: boolean;
}

/**
 * The entries of an inventory that are well formed by themselves. What is not is left out (it has problems of its own),
 * so that entries can be compared even then.
 */
export function entriesOf(file: { clusters: readonly unknown[] }): Entries {
  const entries: Entries = { ids: [], services: [], callers: [], routes: [], complete: true };
  file.clusters.forEach((cluster, number) => {
    const path = ["clusters", number];
    const { id, services, callers } = record(cluster);
    if (!clusterEntry.shape.id.safeParse(id).success) {
      entries.complete = false;
      return;
    }
    const name = id as string;
    entries.ids.push({ path: [...path, "id"], value: name });
    entries.complete &&= collect(entries.services, serviceEntry, services, [...path, "services"], name);
    collect(entries.callers, callerOnly, callers, [...path, "callers"], name);
    list(callers).forEach((caller, index) => {
      collect(entries.routes, route, record(caller).routes, [...path, "callers", index, "routes"], name);
    });
  });
  return entries;
}

const callerOnly = callerEntry.extend({ routes: z.unknown().optional() });

/** Collects what is well formed in a list; whether that is all of it. */
function collect<T>(
  into: Entry<T>[],
  schema: z.ZodType<T>,
  values: unknown,
  path: Path,
  cluster: string,
): boolean {
  const results = list(values).map((value) => schema.safeParse(value));
  results.forEach(({ data }, index) => {
    if (data !== undefined) into.push({ path: [...path, index], cluster, value: data });
  });
  return (values === undefined || Array.isArray(values)) && results.every(({ success }) => success);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Record<string, unknown> {
  return (value ?? {}) as Record<string, unknown>;
}
