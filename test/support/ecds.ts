import { readFile, rename, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parseDocument } from "yaml";
import type { EnvoyAdmin } from "../../envoy/admin.ts";
import { waitUntil } from "../../envoy/wait.ts";

/** How Envoy took a plugin configuration that came by ECDS. */
export type Delivery = "live" | "refused";

/**
 * Does something that changes the ECDS file of an Envoy, and resolves when the Envoy has taken it: `live` once all of its
 * workers use it, `refused` when they go on with the previous one. Throws when nothing happens within 20 s.
 */
export async function watchDelivery(
  admin: EnvoyAdmin,
  change: () => Promise<void> | void,
): Promise<Delivery> {
  const delivered = await expectDelivery(admin);
  await change();
  return delivered();
}

/** The same in two steps: call it before the change, and what it returns afterwards. */
export async function expectDelivery(admin: EnvoyAdmin): Promise<() => Promise<Delivery>> {
  const before = await atRest(admin);
  return async () => {
    let now = before;
    const isTaken = async () => {
      now = await deliveries(admin);
      return now.taken > before.taken && now.reload > before.reload;
    };
    if (await waitUntil(isTaken, { timeoutMs: 20_000 }))
      return now.rejected > before.rejected ? "refused" : "live";
    throw new Error("Envoy took no notice of the changed ECDS file within 20 s");
  };
}

interface Deliveries {
  taken: number;
  rejected: number;
  /**
   * Follows when the workers are through, also with one that was refused. It may stay behind `taken` for ever: a file that
   * changes twice in a moment can be read twice with the same content, which is nothing to load
   * (FilterConfigSubscription::onConfigUpdate in source/common/filter/config_discovery_impl.cc).
   */
  reload: number;
}

/** The counts once the workers are through, or nothing has moved for a moment. */
async function atRest(admin: EnvoyAdmin): Promise<Deliveries> {
  for (let before = await deliveries(admin); ;) {
    if (before.reload >= before.taken) return before;
    await sleep(50);
    const now = await deliveries(admin);
    if (now.taken === before.taken && now.reload === before.reload) return now;
    before = now;
  }
}

async function deliveries(admin: EnvoyAdmin): Promise<Deliveries> {
  const prefix = "extension_config_discovery.http_filter.cluster_local";
  const stats = await admin.stats(`^${prefix}`);
  const value = (name: string) => stats.get(`${prefix}.${name}`) ?? 0;
  const rejected = value("update_rejected");
  return { taken: value("update_success") + rejected, rejected, reload: value("config_reload") };
}

/** Replaces the plugin configuration in an ECDS file, by rename, as Envoy wants it. Any text will do, JSON or not. */
export async function replaceConfiguration(file: string, text: string): Promise<void> {
  const response = parseDocument(await readFile(file, "utf8"));
  response.setIn(["resources", 0, "typed_config", "config", "configuration", "value"], text);
  // As JSON, which is YAML: a string of any length and content stays what it is.
  await writeFile(`${file}.new`, JSON.stringify(response));
  await rename(`${file}.new`, file);
}
