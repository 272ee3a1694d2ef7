import type { Fields } from "../../input/loose.ts";
import { hostsOf, patternsOf } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";
import { covers } from "../../inventory/kubernetes/hosts.ts";
import { byAuto, leftOut } from "./judge.ts";
import type { Mesh } from "./mesh.ts";
import type { LeftOut } from "./plan.ts";

/**
 * MeshConfig's serviceSettings for the policy: Istio takes the most specific host, as we do, so the patterns are the same
 * (pilot/pkg/model/cluster_local.go). Undefined when nothing is strict.
 */
export function meshConfig({ rules, clusterDomain }: Policy): Fields | undefined {
  const patterns = patternsOf(rules).map((pattern) => {
    const { mode, callers, paths, methods, percent } = rules[pattern.rule]!;
    const plain = [callers, paths, methods, percent].every((one) => one === undefined);
    return { hosts: hostsOf(pattern, clusterDomain), strict: mode === "strict" && plain };
  });
  const strict = patterns.filter((one) => one.strict).map(({ hosts }) => hosts);
  if (strict.length === 0) return undefined;
  const within = ({ hosts }: { hosts: string }) =>
    strict.some((outer) => outer !== hosts && outer.startsWith("*") && covers(outer, hosts));
  const others = patterns.filter((one) => !one.strict && within(one)).map(({ hosts }) => hosts);
  const setting = (clusterLocal: boolean, hosts: string[]) => ({
    settings: { clusterLocal },
    hosts: [...new Set(hosts)].sort(),
  });
  return {
    serviceSettings: [setting(true, strict), ...(others.length > 0 ? [setting(false, others)] : [])],
  };
}

/** The services whose rules the setting cannot say. */
export function notInMeshConfig(mesh: Mesh): LeftOut[] {
  const { governed, policy, matcher } = mesh;
  return governed.flatMap((one) => {
    const { strict, prefer, always, service } = one;
    if (
      !(strict || prefer) ||
      service.external ||
      (always?.mode === "strict" && policy.override === undefined)
    )
      return [];
    const why =
      "MeshConfig's clusterLocal knows strict for every request alone: no prefer, no conditions, no override";
    return [leftOut(one, { code: "CL0402", why, edit: byAuto(one, mesh) }, matcher)];
  });
}
