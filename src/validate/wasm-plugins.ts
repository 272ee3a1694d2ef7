import { findingsOf } from "../input/findings.ts";
import { formatPath } from "../input/path.ts";
import type { Problem } from "../input/problem.ts";
import { Source } from "../input/source.ts";
import { fieldsOf } from "../input/loose.ts";
import { problemOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { readObjects, type InventoryFile } from "../inventory/kubernetes/read.ts";
import { pluginConfigSchema } from "../policy/plugin-config.ts";
import { PLUGIN } from "../targets/envoy/names.ts";

/** What is wrong with the plugin configurations that WasmPlugins of ours carry, as people write them by hand. */
export function pluginProblems(files: readonly InventoryFile[]): Problem[] {
  return readObjects(files.filter(({ text }) => text.includes("WasmPlugin")))
    .objects.filter(isOurs)
    .flatMap((object) => {
      const { pluginConfig } = object.spec;
      const result = pluginConfigSchema.safeParse(pluginConfig);
      if (result.success) return [];
      const source = new Source(object.file, "", pluginConfig, () => undefined);
      return findingsOf(result.error.issues, pluginConfigSchema, source).map(
        ({ code, path, message, hint }) => ({
          ...problemOf(code, object, formatPath(["spec", "pluginConfig", ...path]), message),
          ...(hint !== undefined && { hint }),
        }),
      );
    });
}

function isOurs({ kind, spec }: KubeObject): boolean {
  if (kind !== "WasmPlugin" || spec.pluginConfig === undefined) return false;
  return spec.pluginName === PLUGIN || Array.isArray(fieldsOf(spec.pluginConfig).rules);
}
