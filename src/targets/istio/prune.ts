import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ORIGINAL } from "../../inventory/kubernetes/marks.ts";
import type { KubeObject } from "../../inventory/kubernetes/object.ts";
import { istioFiles, MESH_CONFIG_FILE } from "./files.ts";
import type { IstioOutput } from "./index.ts";

/** What `fileOf` writes. */
const OURS = /^[1-5]-(?:destinationrule|virtualservice|envoyfilter|trafficextension|wasmplugin)\..+\.yaml$/;

/** What sets the header goes before the routes for it, and these before the subsets that they lead to. */
const STAGES = [["WasmPlugin", "TrafficExtension"], ["VirtualService", "EnvoyFilter"], ["DestinationRule"]];

/**
 * Between two stages. Istio tells proxies of what goes away at the same time in an order of its own, in which requests would
 * fail for a moment: clusters before the routes that lead to them (pilot/pkg/xds, PushOrder). It pushes 0.1 s after the last
 * of several changes, and 10 s after the first at most (PILOT_DEBOUNCE_AFTER, PILOT_DEBOUNCE_MAX).
 */
const PAUSE = "sleep 10";

/**
 * Commands that remove what an earlier run made: in the cluster, as far as the inventory knows it, and in the folder. What
 * the user had before is not among it: that is generated as it was.
 */
export function pruneLines(output: IstioOutput, dir: string | undefined): string[] {
  const stale = output.stale.filter((one) => one.annotations[ORIGINAL] === undefined);
  const stages = STAGES.map((kinds) =>
    stale
      .filter(({ kind }) => kinds.includes(kind))
      .map(deletion)
      .sort(),
  );
  const commands = stages
    .filter((stage) => stage.length > 0)
    .flatMap((stage, index) => (index === 0 ? stage : [PAUSE, ...stage]));
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

/** With the group: others have a VirtualService or a Gateway, too, and kubectl would take the first that it finds. */
function deletion({ apiVersion, kind, namespace, name }: KubeObject): string {
  const [group] = apiVersion.split("/");
  return `kubectl delete ${kind.toLowerCase()}.${group} --namespace ${namespace} ${name}`;
}
