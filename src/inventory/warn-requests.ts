import { formatPath } from "../input/path.ts";
import type { Finding } from "../input/problem.ts";
import type { Matcher } from "../policy/match.ts";
import { pathOf, type WrittenPattern } from "../policy/pattern.ts";
import type { Policy } from "../policy/policy.ts";
import type { Mode } from "../policy/rules.ts";
import { hostOf, serviceKey, type Caller, type Destination, type Mesh } from "./model.ts";

/** A gateway's route may name a cluster. Where a rule pins the request to others, nobody is left to answer it. */
export function overruled(policy: Policy, mesh: Mesh, matcher: Matcher): Finding[] {
  if (!policy.enabled) return [];
  return mesh.callers.flatMap((caller) =>
    caller.plugin
      ? caller.routes.flatMap(({ to, mirror }) => [
          ...to.flatMap((one) => contradicted(one, caller, policy, matcher, "the route answers 503")),
          ...(mirror ? contradicted(mirror, caller, policy, matcher, "no copy is sent") : []),
        ])
      : [],
  );
}

function contradicted(
  { service, cluster, path }: Destination,
  caller: Caller,
  policy: Policy,
  matcher: Matcher,
  outcome: string,
): Finding[] {
  if (cluster === undefined || cluster === caller.cluster) return [];
  const pattern = pinning(["strict", "prefer"], hostOf(service, policy.clusterDomain), caller, matcher).find(
    (pattern) => {
      const { mode, order = policy.clusters } = matcher.ruleOf(pattern);
      return mode === "strict" || !order.includes(cluster);
    },
  );
  if (!pattern) return [];
  const { mode } = matcher.ruleOf(pattern);
  const message = `the policy's ${formatPath(pathOf(pattern))} (${mode}) keeps these requests out of ${cluster}: ${outcome}`;
  return [{ code: "CL0310", path: [...path, "cluster"], message }];
}

/** Strict where nothing local can answer is an outage: it may be meant, but it should be known. */
export function withoutEndpoints(policy: Policy, mesh: Mesh, matcher: Matcher): Finding[] {
  if (!policy.enabled) return [];
  const callers = mesh.callers.filter(({ plugin }) => plugin);
  const findings = new Map<string, Finding>();
  for (const service of mesh.services) {
    const host = hostOf(service, policy.clusterDomain);
    const key = serviceKey(`${service.namespace}/${service.name}`, service.port);
    const served = new Set(service.endpoints.map(({ cluster }) => cluster));
    for (const caller of callers.filter(({ cluster }) => !served.has(cluster))) {
      for (const pattern of pinning(["strict"], host, caller, matcher)) {
        const path = pathOf(pattern);
        const message = `strict, but ${key} has no endpoint in ${caller.cluster}: callers there will get 503`;
        findings.set(`${formatPath(path)} ${message}`, { code: "CL0308", path, message });
      }
    }
  }
  return [...findings.values()];
}

/** The patterns by which the filter may pin the caller's requests to a host. */
function pinning(modes: readonly Mode[], host: string, caller: Caller, matcher: Matcher): WrittenPattern[] {
  return matcher.candidates(host, caller).filter((pattern) => {
    const { mode, percent } = matcher.ruleOf(pattern);
    return modes.includes(mode) && percent !== 0;
  });
}
