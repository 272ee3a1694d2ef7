import type { Parsed, Problem } from "../input/problem.ts";
import type { Source } from "../input/source.ts";
import { checkPolicy } from "../inventory/check-policy.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Mesh } from "../inventory/model.ts";
import { Matcher } from "../policy/match.ts";
import type { PluginConfig } from "../policy/plugin-config.ts";
import type { Policy } from "../policy/policy.ts";
import { warnings as ownWarnings } from "../policy/warnings.ts";
import { governedServices } from "../targets/istio/services.ts";
import { serviceWarnings } from "../targets/istio/warnings.ts";

/** The rules of a policy or of a plugin configuration. */
export interface Rules {
  source: Source;
  value: Policy | PluginConfig;
}

/** Compares each set of rules with each inventory; without any, with itself. */
export function compareAll(
  all: readonly Rules[],
  meshes: readonly Extract<Parsed<Mesh>, { ok: true }>[],
  inventory: Inventory | undefined,
): { errors: Problem[]; warnings: Problem[] } {
  const errors: Problem[] = [];
  const warnings: Problem[] = [];
  for (const { source, value } of all) {
    const matcher = new Matcher(value);
    if (meshes.length === 0) warnings.push(...source.problems(ownWarnings(value, matcher)));
    for (const mesh of meshes) {
      const compared = checkPolicy(asPolicy(value, mesh.value.clusters), mesh.value);
      errors.push(...mesh.source.problems(compared.errors));
      warnings.push(
        ...source.problems(compared.warnings.policy),
        ...mesh.source.problems(compared.warnings.mesh),
      );
    }
    if (!inventory || inventory.services.size === 0) continue;
    const governed = governedServices(inventory.services.values(), matcher, value.override, []);
    const policy = asPolicy(value, []);
    warnings.push(...source.problems(serviceWarnings({ policy, inventory, governed, matcher })));
  }
  return { errors, warnings };
}

/** A plugin configuration need not list the clusters: then there are those of the inventory. */
function asPolicy(value: Policy | PluginConfig, clusters: readonly string[]): Policy {
  return { ...value, clusters: value.clusters ?? [...clusters] };
}
