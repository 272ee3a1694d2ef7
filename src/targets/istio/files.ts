import type { IstioOutput } from "./index.ts";
import { fileOf } from "./resource.ts";
import { toYaml } from "./yaml.ts";

/** Where the fragment of MeshConfig stands: in a folder of its own, for it is nothing that kubectl could apply. */
export const MESH_CONFIG_FILE = "mesh/meshconfig.yaml";

const MESH_CONFIG = `# To be laid over the mesh's own MeshConfig: the key "mesh" of ConfigMap istio in the root namespace, or meshConfig in
# the values of the installation. Settings that are there already come first.
`;

/** A file for each resource, by name. */
export function istioFiles({
  resources,
  meshConfig,
}: Pick<IstioOutput, "resources" | "meshConfig">): Map<string, string> {
  const files = new Map(resources.map((resource) => [fileOf(resource), toYaml(resource)]));
  if (meshConfig) files.set(MESH_CONFIG_FILE, MESH_CONFIG + toYaml(meshConfig));
  return files;
}

/** All resources as one text. */
export function istioText(output: IstioOutput): string {
  return [...istioFiles(output).values()].join("---\n");
}

/** The EnvoyFilters whose files an earlier run left in a folder. */
export function filtersIn(names: readonly string[]): { namespace: string; name: string }[] {
  return names.flatMap((file) => {
    const { namespace, name } =
      /^\d-envoyfilter\.(?<namespace>[^.]+)\.(?<name>.+)\.yaml$/.exec(file)?.groups ?? {};
    return namespace !== undefined && name !== undefined ? [{ namespace, name }] : [];
  });
}
