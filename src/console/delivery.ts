import { setTimeout as sleep } from "node:timers/promises";
import { adminAddress, ask } from "../live/admin/client.ts";
import { parseStats } from "../live/admin/stats.ts";
import { LiveError } from "../live/live-error.ts";
import { folderOf, PLUGIN } from "../targets/envoy/names.ts";
import type { Proxy } from "./topology.ts";

/** What Envoy counts of each file that it watches, by what its name begins with. */
const WATCHED: readonly [file: string, stat: RegExp][] = [
  ["clusters.yaml", /^cluster_manager\.cds\./],
  ["routes.yaml", /^http\..*\.rds\./],
  ["listeners.yaml", /^listener_manager\.lds\./],
  [`${PLUGIN}.yaml`, /^extension_config_discovery\.http_filter\.cluster_local\./],
];

/** By file, how often an Envoy took up what it says, and refused it. */
type Counts = ReadonlyMap<string, { taken: number; refused: number }>;

/** What became of a configuration: the proxies that run it, that refused it, and that said nothing of it in time. */
export interface Delivered {
  live: string[];
  refused: string[];
  silent: string[];
  /** Until the last one had it, in milliseconds. */
  afterMs: number;
}

/** In milliseconds. */
const PATIENCE = 5000;
const PAUSE = 50;

/**
 * Watches proxies take up what is written for them: call it before, and what it returns afterwards, with the paths that
 * changed. It never throws: a proxy that cannot be asked is silent.
 */
export async function watchDelivery(
  proxies: readonly Proxy[],
): Promise<(written: readonly string[]) => Promise<Delivered | undefined>> {
  const before = new Map(
    await Promise.all(proxies.map(async ({ admin }) => [admin, await countsOf(admin)] as const)),
  );
  return async (written) => {
    const start = performance.now();
    const affected = proxies
      .map((proxy) => ({ ...proxy, files: filesOf(proxy, written) }))
      .filter(({ files }) => files.length > 0);
    if (affected.length === 0) return undefined;
    const delivered: Delivered = { live: [], refused: [], silent: [], afterMs: 0 };
    const wait = async ({ admin, caller, files }: (typeof affected)[number]) => {
      const name = `${caller!.cluster}/${caller!.name}`;
      delivered[await outcome(admin, files, before.get(admin))].push(name);
      delivered.afterMs = performance.now() - start;
    };
    await Promise.all(affected.map(wait));
    return delivered;
  };
}

/** Those files of a proxy that were written and that it watches. */
function filesOf({ caller }: Proxy, written: readonly string[]): string[] {
  if (!caller) return [];
  return WATCHED.map(([file]) => file).filter((file) => written.includes(`${folderOf(caller)}/${file}`));
}

async function outcome(
  admin: string,
  files: readonly string[],
  before: Counts | undefined,
): Promise<"live" | "refused" | "silent"> {
  const deadline = performance.now() + PATIENCE;
  while (before && performance.now() < deadline) {
    const now = await countsOf(admin);
    const grew = (file: string, count: "taken" | "refused") =>
      now !== undefined && (now.get(file)?.[count] ?? 0) > (before.get(file)?.[count] ?? 0);
    if (files.some((file) => grew(file, "refused"))) return "refused";
    if (files.every((file) => grew(file, "taken"))) return "live";
    await sleep(PAUSE);
  }
  return "silent";
}

async function countsOf(admin: string): Promise<Counts | undefined> {
  try {
    const path = `/stats?filter=${encodeURIComponent("\\.update_(success|rejected)$")}`;
    const stats = [...parseStats(await ask(adminAddress(admin), path, { timeoutMs: 1000 }))];
    return new Map(
      WATCHED.map(([file, begins]) => {
        const sum = (end: string) =>
          stats.reduce(
            (sum, [name, value]) => sum + (begins.test(name) && name.endsWith(end) ? value : 0),
            0,
          );
        return [file, { taken: sum(".update_success"), refused: sum(".update_rejected") }];
      }),
    );
  } catch (error) {
    if (error instanceof LiveError) return undefined;
    throw error;
  }
}
