import type { Matcher } from "../policy/match.ts";
import type { Policy } from "../policy/policy.ts";
import { hostOf, type Caller, type Mesh } from "./model.ts";

/**
 * The services without an endpoint in the caller's cluster, as `namespace/name`, where an `observe` rule may govern its
 * requests: these would fail, were the rule strict. A service with several ports counts as there when one of them is.
 */
export function absentServices(policy: Policy, mesh: Mesh, matcher: Matcher, caller: Caller): string[] {
  const present = new Map<string, boolean>();
  for (const service of mesh.services) {
    const candidates = matcher.candidates(hostOf(service, policy.clusterDomain), caller);
    if (!candidates.some((pattern) => matcher.ruleOf(pattern).mode === "observe")) continue;
    const name = `${service.namespace}/${service.name}`;
    const here = service.endpoints.some(({ cluster }) => cluster === caller.cluster);
    present.set(name, here || present.get(name) === true);
  }
  return [...present].flatMap(([name, here]) => (here ? [] : [name]));
}
