import { statSync } from "node:fs";
import { envoyMesh, istioMesh, type ConsoleMesh } from "../console/mesh.ts";
import { readText } from "../files/read.ts";
import type { Problem } from "../input/problem.ts";
import { isRecord } from "../input/fields.ts";
import { readYaml, YamlSyntaxError } from "../input/yaml.ts";
import { readInventoryFiles } from "../inventory/kubernetes/files.ts";
import { readInventory } from "../inventory/kubernetes/model.ts";
import { parseMesh } from "../inventory/mesh.ts";
import { parsePolicy } from "../policy/policy.ts";
import { UsageError } from "./io.ts";
import { writeEnvoy } from "./write-envoy.ts";

interface Options {
  policy: string;
  inventory: string;
  out?: string | undefined;
  admins?: readonly string[] | undefined;
  wasm?: string | undefined;
  "base-path"?: string | undefined;
}

/** The mesh that an inventory describes, or what is wrong with it. Throws UsageError and FileError. */
export function consoleMesh(options: Options): ConsoleMesh | Problem[] {
  return isKubernetes(options.inventory) ? kubernetes(options) : plainEnvoys(options);
}

function plainEnvoys({ inventory, out, admins, wasm, ...rest }: Options): ConsoleMesh | Problem[] {
  if (out === undefined)
    throw new UsageError("option --out is missing: where generate envoy writes for this inventory");
  const parsed = parseMesh(readText(inventory), inventory);
  if (!parsed.ok) return parsed.problems;
  return envoyMesh({
    mesh: parsed.value,
    source: parsed.source,
    admins,
    out,
    generate: (policy, mesh) =>
      writeEnvoy(policy, mesh, { out, wasm, "base-path": rest["base-path"] })
        .filter(({ change }) => change !== "unchanged")
        .map(({ path }) => path),
  });
}

/** The policy says which clusters there are; the page goes on when it turns wrong later. */
function kubernetes({ policy: file, inventory: path, out, admins }: Options): ConsoleMesh | Problem[] {
  if (out !== undefined)
    throw new UsageError("option --out is for a mesh.yaml: in an Istio mesh the page only writes the policy");
  if (admins === undefined)
    throw new UsageError(
      "option --admin is missing: Kubernetes resources do not say where the proxies' admin pages are",
    );
  const policy = parsePolicy(readText(file), file);
  if (!policy.ok) return policy.problems;
  const { clusters, clusterDomain } = policy.value;
  const { inventory, problems } = readInventory(readInventoryFiles(path, clusters), clusters, clusterDomain);
  return problems.length > 0 ? problems : istioMesh({ inventory, clusters, admins });
}

/** Whether an inventory is a folder, or a file of Kubernetes resources. What is no YAML is left to the reader of mesh.yaml. */
function isKubernetes(path: string): boolean {
  if (path === "-" || isFolder(path)) return true;
  try {
    const { value } = readYaml(readText(path));
    return isRecord(value) && ("kind" in value || "apiVersion" in value);
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    return error.errors.some(({ message }) => message.includes("second document"));
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // read as a file, it is told why
  }
}
