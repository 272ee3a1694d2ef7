import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ORIGINAL } from "../../inventory/kubernetes/marks.ts";
import type { KubeObject } from "../../inventory/kubernetes/object.ts";
import { istioFiles, MESH_CONFIG_FILE } from "./files.ts";
import type { IstioOutput } from "./index.ts";
import { placeOf } from "./resource.ts";

/** What `fileOf` writes. */
const OURS = /^[1-5]-(?:destinationrule|virtualservice|envoyfilter|trafficextension|wasmplugin)\..+\.yaml$/;

/**
 * Commands that remove what an earlier run made: in the cluster, as far as the inventory knows it, and in the folder. What
 * the user had before is not among it: that is generated as it was. What sets the header goes before the routes for it.
 */
export function pruneLines(output: IstioOutput, dir: string | undefined): string[] {
  const stale = output.stale.filter((one) => one.annotations[ORIGINAL] === undefined);
  const place = (one: KubeObject) => placeOf(one.kind, one);
  const commands = stale
    .sort((a, b) => (place(a) < place(b) ? 1 : -1))
    .map(
      ({ kind, namespace, name }) => `kubectl delete ${kind.toLowerCase()} --namespace ${namespace} ${name}`,
    );
  const files = istioFiles(output);
  const left = dir !== undefined && existsSync(dir) ? readdirSync(dir).sort() : [];
  const old = left.filter((name) => OURS.test(name) && !files.has(name));
  const mesh = dir !== undefined && existsSync(join(dir, MESH_CONFIG_FILE)) && !files.has(MESH_CONFIG_FILE);
  return [
    ...commands,
    ...old.map((name) => `rm ${join(dir ?? "", name)}`),
    ...(mesh
      ? [`rm ${join(dir, MESH_CONFIG_FILE)}  # and take its settings out of the mesh's own MeshConfig`]
      : []),
  ];
}
