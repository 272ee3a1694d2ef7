import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ORIGINAL } from "../../inventory/kubernetes/marks.ts";
import { istioFiles } from "./files.ts";
import type { IstioOutput } from "./index.ts";

/** What `fileOf` writes. */
const OURS = /^[1-5]-(?:destinationrule|virtualservice|envoyfilter|trafficextension|wasmplugin)\..+\.yaml$/;

/**
 * Commands that remove what an earlier run made: in the cluster, as far as the inventory knows it, and in the folder. What
 * the user had before is not among it: that is generated as it was. What sets the header goes before the routes for it.
 */
export function pruneLines(output: IstioOutput, dir: string | undefined): string[] {
  const stale = output.stale.filter((one) => one.annotations[ORIGINAL] === undefined);
  const commands = stale.map(
    ({ kind, namespace, name }) => `kubectl delete ${kind.toLowerCase()} --namespace ${namespace} ${name}`,
  );
  const files = istioFiles(output);
  const left = dir !== undefined && existsSync(dir) ? readdirSync(dir).sort() : [];
  const old = left.filter((name) => OURS.test(name) && !files.has(name));
  return [...commands.sort().reverse(), ...old.map((name) => `rm ${join(dir ?? "", name)}`)];
}
