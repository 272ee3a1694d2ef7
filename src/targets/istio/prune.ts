import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../../inventory/kubernetes/object.ts";
import { MESH_CONFIG_FILE } from "./files.ts";
import { OUR_FILES } from "./resource.ts";

/** The filter goes first, then what leads to the subsets, and these last. */
const STAGES = [["WasmPlugin", "TrafficExtension"], ["EnvoyFilter"], ["DestinationRule"]];

/**
 * Between two stages. Istio tells proxies of what goes away at the same time in an order of its own, in which requests would
 * fail for a moment: clusters before the routes that lead to them (pilot/pkg/xds, PushOrder). It pushes 0.1 s after the last
 * of several changes, and 10 s after the first at most (PILOT_DEBOUNCE_AFTER, PILOT_DEBOUNCE_MAX).
 */
const PAUSE = "sleep 10";

/** Commands that delete resources of ours, in an order in which no request fails. */
export function deletions(stale: readonly KubeObject[]): string[] {
  return STAGES.map((kinds) =>
    stale
      .filter(({ kind }) => kinds.includes(kind))
      .map(deletion)
      .sort(),
  )
    .filter((stage) => stage.length > 0)
    .flatMap((stage, index) => (index === 0 ? stage : [PAUSE, ...stage]));
}

/** Commands that remove the files of an earlier run; `files` are those of this one. */
export function removals(dir: string, files: ReadonlySet<string>): string[] {
  const left = existsSync(dir) ? readdirSync(dir).sort() : [];
  const old = left.filter((name) => OUR_FILES.test(name) && !files.has(name));
  const mesh = existsSync(join(dir, MESH_CONFIG_FILE)) && !files.has(MESH_CONFIG_FILE);
  return [
    ...old.map((name) => `rm ${quoted(join(dir, name))}`),
    ...(mesh
      ? [
          `rm ${quoted(join(dir, MESH_CONFIG_FILE))}  # and take its settings out of the mesh's own MeshConfig`,
        ]
      : []),
  ];
}

/** With the group: others have a Gateway, too, and kubectl would take the first that it finds. */
function deletion({ apiVersion, kind, namespace, name }: KubeObject): string {
  const [group] = apiVersion.split("/");
  return `kubectl delete ${quoted(`${kind.toLowerCase()}.${group}`)} --namespace ${quoted(namespace)} ${quoted(name)}`;
}

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[-\w./:@%+=,]+$/.test(word) && !word.startsWith("-") ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
