import type { EnvoyAdmin } from "../../envoy/admin.ts";
import { waitUntil } from "../../envoy/wait.ts";
import { expectDelivery } from "./ecds.ts";

/** The files of a caller that Envoy watches, and under which name it counts what it took of them. */
const WATCHED = {
  "clusters.yaml": /^cluster_manager\.cds\./,
  "routes.yaml": /^http\.(?:outbound|gateway)\.rds\..*?\./,
  "listeners.yaml": /^listener_manager\.lds\./,
} as const;
type Watched = keyof typeof WATCHED;

/**
 * Waits for an Envoy to take up files: call it before they change, and what it returns with their names afterwards. Resolves
 * once all workers use them, new clusters with health. Throws when the Envoy refuses one, or does nothing within 20 s.
 */
export async function expectUpdates(admin: EnvoyAdmin): Promise<(names: readonly string[]) => Promise<void>> {
  const [before, delivered, healthy] = await Promise.all([
    countsOf(admin),
    expectDelivery(admin),
    healthOf(admin, true),
  ]);
  return async (names) => {
    const watched = names.filter((name): name is Watched => name in WATCHED);
    const isTaken = async () => {
      const now = await countsOf(admin);
      const refused = watched.find((name) => now[name].refused > before[name].refused);
      if (refused !== undefined) throw new Error(`an Envoy refused its ${refused}`);
      if (now.warming > 0 || !watched.every((name) => now[name].taken > before[name].taken)) return false;
      // A first check that timed out makes a new cluster ready, too, without the endpoint that the other clusters have.
      return ![...(await healthOf(admin, false))].some((address) => healthy.has(address));
    };
    if (!(await waitUntil(isTaken, { timeoutMs: 20_000 })))
      throw new Error(`an Envoy took no notice of ${watched.join(", ")}`);
    if (names.includes("cluster_local.yaml") && (await delivered()) === "refused")
      throw new Error("an Envoy refused what was generated from the policy");
  };
}

/** The addresses that some cluster has as healthy, or as not. */
async function healthOf(admin: EnvoyAdmin, healthy: boolean): Promise<Set<string>> {
  const endpoints = [...(await admin.clusters()).values()].flat();
  return new Set(endpoints.filter((one) => one.healthy === healthy).map(({ address }) => address));
}

interface Counts {
  taken: number;
  refused: number;
}

async function countsOf(admin: EnvoyAdmin): Promise<Record<Watched, Counts> & { warming: number }> {
  const stats = await admin.stats("(cds|rds|lds)\\..*update_(success|rejected)$|warming_clusters$");
  const sum = (name: Watched, what: string) =>
    [...stats]
      .filter(([stat]) => WATCHED[name].test(stat) && stat.endsWith(what))
      .reduce((total, [, value]) => total + value, 0);
  const counts = (name: Watched) => ({
    taken: sum(name, "update_success"),
    refused: sum(name, "update_rejected"),
  });
  return {
    "clusters.yaml": counts("clusters.yaml"),
    "routes.yaml": counts("routes.yaml"),
    "listeners.yaml": counts("listeners.yaml"),
    warming: stats.get("cluster_manager.warming_clusters") ?? 0,
  };
}
