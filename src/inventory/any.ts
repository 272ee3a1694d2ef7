import { statSync } from "node:fs";
import { FileError } from "../files/file-error.ts";
import { readText } from "../files/read.ts";
import type { Problem } from "../input/problem.ts";
import type { Source } from "../input/source.ts";
import type { Policy } from "../policy/policy.ts";
import type { Concern } from "./kubernetes/lean.ts";
import { readInventoryFiles } from "./kubernetes/files.ts";
import { readInventory, type Inventory } from "./kubernetes/model.ts";
import { parseMeshFor } from "./lean-mesh.ts";
import { parseMesh } from "./mesh.ts";
import type { Mesh } from "./model.ts";

/** An inventory of either kind, or what is wrong with it. */
export type AnyInventory =
  | { kind: "mesh"; mesh: Mesh; source: Source }
  | { kind: "kubernetes"; inventory: Inventory }
  | { kind: "wrong"; problems: Problem[] };

/**
 * Reads an inventory, whichever it is: a mesh.yaml, or Kubernetes resources in a file, in a folder, or piped in (`-`).
 * Throws FileError.
 *
 * @param concern read only what concerns such a request
 */
export function readAnyInventory(path: string, policy: Policy, concern?: Concern): AnyInventory {
  if (path !== "-" && !isFolder(path)) {
    const text = readText(path);
    if (!isKubernetes(text)) {
      const parsed = concern ? parseMeshFor(concern.host, text, path) : parseMesh(text, path);
      return parsed.ok
        ? { kind: "mesh", mesh: parsed.value, source: parsed.source }
        : { kind: "wrong", problems: parsed.problems };
    }
  }
  const files = readInventoryFiles(path, policy.clusters);
  const { inventory, problems } = readInventory(files, policy.clusters, policy.clusterDomain, concern);
  const wrong = [...problems, ...inventory.disputed.map(({ problem }) => problem)];
  return wrong.length > 0 ? { kind: "wrong", problems: wrong } : { kind: "kubernetes", inventory };
}

/** Whether a text is Kubernetes resources: each has an apiVersion, and no file of our own has. */
export function isKubernetes(text: string): boolean {
  return /(?:^|[{,\n])[ \t]*(?:- )?"?apiVersion"?[ \t]*:/.test(text);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw FileError.from(error, "read", path);
  }
}
