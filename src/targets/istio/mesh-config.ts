import type { Fields } from "../../input/loose.ts";
import { hostsOf, patternsOf } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";
import { covers } from "../../inventory/kubernetes/hosts.ts";

/**
 * MeshConfig's serviceSettings for the policy: Istio takes the most specific host, as we do, so the patterns are the same.
 * Undefined when nothing is strict.
 */
export function meshConfig({ rules, clusterDomain }: Policy): Fields | undefined {
  const patterns = patternsOf(rules).map((pattern) => ({
    hosts: hostsOf(pattern, clusterDomain),
    strict: rules[pattern.rule]!.mode === "strict",
  }));
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
