import { optionsFrom } from "../explain/istio-resources.ts";
import type { Finding, Parsed, Problem } from "../input/problem.ts";
import type { Source } from "../input/source.ts";
import { checkPolicy } from "../inventory/check-policy.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Mesh } from "../inventory/model.ts";
import { Matcher } from "../policy/match.ts";
import type { PluginConfig } from "../policy/plugin-config.ts";
import type { Policy } from "../policy/policy.ts";
import { warnings as ownWarnings } from "../policy/warnings.ts";
import { generateIstio, type IstioOutput } from "../targets/istio/index.ts";
import { portProblems, routeProblems } from "./istio-routes.ts";

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
    const generated = generateIstio(asPolicy(value, []), inventory, optionsFrom());
    errors.push(...source.problems(generated.errors));
    warnings.push(
      ...source.problems([...generated.warnings.policy, ...generated.leftOut.map(leftOutFinding)]),
      ...generated.warnings.inventory,
    );
  }
  if (inventory) {
    const { clusterDomain = "cluster.local" } = all[0]?.value ?? {};
    warnings.push(...routeProblems(inventory, clusterDomain), ...portProblems(inventory));
  }
  return { errors, warnings };
}

function leftOutFinding({ code, service, why, edit, rule }: IstioOutput["leftOut"][number]): Finding {
  return {
    code,
    path: ["rules", rule],
    message: `${service} is not kept local on Istio: ${why}`,
    hint: edit,
  };
}

/** A plugin configuration need not list the clusters: then there are those of the inventory. */
function asPolicy(value: Policy | PluginConfig, clusters: readonly string[]): Policy {
  return { ...value, clusters: value.clusters ?? [...clusters] };
}
