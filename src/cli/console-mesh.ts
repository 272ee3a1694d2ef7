import { envoyMesh, istioMesh, type ConsoleMesh } from "../console/mesh.ts";
import { readText } from "../files/read.ts";
import type { Problem } from "../input/problem.ts";
import { readAnyInventory } from "../inventory/any.ts";
import { parsePolicy } from "../policy/policy.ts";
import { UsageError } from "./io.ts";
import { writeEnvoy, type WriteOptions } from "./write-envoy.ts";

interface Options extends Omit<WriteOptions, "out"> {
  policy: string;
  inventory: string;
  out?: string | undefined;
  admins?: readonly string[] | undefined;
}

/** The mesh that an inventory describes, or what is wrong with it or the policy. Throws UsageError and FileError. */
export function consoleMesh({
  policy: file,
  inventory: path,
  out,
  admins,
  ...write
}: Options): ConsoleMesh | Problem[] {
  const policy = parsePolicy(readText(file), file);
  if (!policy.ok) return policy.problems;
  const inventory = readAnyInventory(path, policy.value);
  if (inventory.kind === "wrong") return inventory.problems;
  if (inventory.kind === "kubernetes") {
    if (out !== undefined)
      throw new UsageError(
        "option --out is for a mesh.yaml: in an Istio mesh the page only writes the policy",
      );
    if (admins === undefined)
      throw new UsageError(
        "option --admin is missing: Kubernetes resources do not say where the proxies' admin pages are",
      );
    return istioMesh({ inventory: inventory.inventory, clusters: policy.value.clusters, admins });
  }
  if (out === undefined)
    throw new UsageError("option --out is missing: where generate envoy writes for this inventory");
  return envoyMesh({
    mesh: inventory.mesh,
    source: inventory.source,
    admins,
    out,
    generate: async (policy, mesh) => {
      const changes = await writeEnvoy(policy, mesh, { ...write, out });
      return changes.filter(({ change }) => change !== "unchanged").map(({ path }) => path);
    },
  });
}
