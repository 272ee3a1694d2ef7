import { checkPolicy } from "../../inventory/check-policy.ts";
import type { Mesh } from "../../inventory/model.ts";
import { formatPath } from "../../input/path.ts";
import { InvalidInput } from "../../input/problem.ts";
import { Matcher } from "../../policy/match.ts";
import type { Policy } from "../../policy/policy.ts";
import { callerFiles, type CallerFiles, type EnvoyOptions } from "./files.ts";
import { MODULE_FILE } from "./names.ts";

export type { EnvoyOptions } from "./files.ts";

/**
 * The configuration of every caller's Envoy, by path: in `<cluster>/<caller>/` its bootstrap, `envoy.yaml`, and what it
 * watches: `clusters.yaml`, `routes.yaml`, `cluster_local.yaml` (the filter) and `listeners.yaml`.
 *
 * Throws InvalidInput when the policy and the inventory contradict each other.
 */
export function generateEnvoy(policy: Policy, mesh: Mesh, options: EnvoyOptions): Map<string, string> {
  const made = filesOf(policy, mesh, options);
  return new Map(made.flatMap(({ clusters, routes, rest }) => [...clusters, ...routes, ...rest]));
}

/** The same, caller by caller and kind by kind. */
export function filesOf(policy: Policy, mesh: Mesh, options: EnvoyOptions): CallerFiles[] {
  const { errors } = checkPolicy(policy, mesh);
  if (errors.length > 0) {
    const problems = errors.map(({ code, path, message }) => ({
      ...{ code, file: "inventory", path: formatPath(path), message },
    }));
    throw new InvalidInput(problems);
  }
  const base = options.basePath.replace(/\/+$/, "");
  const module = { path: options.wasmPath ?? `${base}/${MODULE_FILE}`, sha256: options.wasmSha256 };
  const matcher = new Matcher(policy);
  return mesh.callers.map((caller) =>
    callerFiles(caller, { mesh, policy, matcher, base, module, running: options.running }),
  );
}
