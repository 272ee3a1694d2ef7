import { setTimeout as sleep } from "node:timers/promises";
import { adminAddress, ask } from "../live/admin/client.ts";
import { parseStats } from "../live/admin/stats.ts";
import { LiveError } from "../live/live-error.ts";
import { folderOf, PLUGIN } from "../targets/envoy/names.ts";
import type { Proxy } from "./topology.ts";

/** How often an Envoy took up a configuration of the filter, and refused one (its ECDS statistics). */
interface Counts {
  taken: number;
  refused: number;
}

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
    const affected = proxies.filter(
      ({ caller }) => caller && written.includes(`${folderOf(caller)}/${PLUGIN}.yaml`),
    );
    if (affected.length === 0) return undefined;
    const delivered: Delivered = { live: [], refused: [], silent: [], afterMs: 0 };
    const wait = async ({ admin, caller }: Proxy) => {
      const name = `${caller!.cluster}/${caller!.name}`;
      delivered[await outcome(admin, before.get(admin))].push(name);
      delivered.afterMs = performance.now() - start;
    };
    await Promise.all(affected.map(wait));
    return delivered;
  };
}

async function outcome(admin: string, before: Counts | undefined): Promise<"live" | "refused" | "silent"> {
  const deadline = performance.now() + PATIENCE;
  while (before && performance.now() < deadline) {
    const now = await countsOf(admin);
    if (now && now.refused > before.refused) return "refused";
    if (now && now.taken > before.taken) return "live";
    await sleep(PAUSE);
  }
  return "silent";
}

async function countsOf(admin: string): Promise<Counts | undefined> {
  const prefix = `extension_config_discovery.http_filter.${PLUGIN}`;
  try {
    const path = `/stats?filter=${encodeURIComponent(`^${prefix.replaceAll(".", "\\.")}\\.`)}`;
    const stats = parseStats(await ask(adminAddress(admin), path, { timeoutMs: 1000 }));
    return {
      taken: stats.get(`${prefix}.update_success`) ?? 0,
      refused: stats.get(`${prefix}.update_rejected`) ?? 0,
    };
  } catch (error) {
    if (error instanceof LiveError) return undefined;
    throw error;
  }
}
