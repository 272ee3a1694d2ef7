import { z } from "zod";
import type { Path } from "../input/path.ts";
import {
  callerEntry,
  clusterEntry,
  route,
  serviceEntry,
  type CallerEntry,
  type MeshFile,
  type RouteEntry,
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
  routes: Entry<RouteEntry>[];
  /** No service was left out. */
  complete: boolean;
}

/**
 * The entries of an inventory that are well formed by themselves. What is not is left out (it has problems of its own),
 * so that entries can be compared even then.
 *
 * @param wellFormed nothing is wrong with any of them, so that none need be looked at again: of 10,000 that takes a while
 */
export function entriesOf(file: { clusters: readonly unknown[] }, wellFormed: boolean): Entries {
  const entries: Entries = { ids: [], services: [], callers: [], routes: [], complete: true };
  if (wellFormed) {
    addAll(entries, file as MeshFile);
    return entries;
  }
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

function addAll(entries: Entries, { clusters }: MeshFile): void {
  clusters.forEach(({ id, services, callers }, number) => {
    const path = ["clusters", number];
    entries.ids.push({ path: [...path, "id"], value: id });
    services.forEach((value, index) => {
      entries.services.push({ path: [...path, "services", index], cluster: id, value });
    });
    callers.forEach((value, index) => {
      const at = [...path, "callers", index];
      entries.callers.push({ path: at, cluster: id, value });
      (value.routes ?? []).forEach((route, routeIndex) => {
        entries.routes.push({ path: [...at, "routes", routeIndex], cluster: id, value: route });
      });
    });
  });
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
