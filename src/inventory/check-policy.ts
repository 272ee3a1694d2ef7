import { didYouMean } from "../input/nearest.ts";
import type { Finding } from "../input/problem.ts";
import { Matcher } from "../policy/match.ts";
import { pathOf } from "../policy/pattern.ts";
import type { Policy } from "../policy/policy.ts";
import { warnings as policyWarnings } from "../policy/warnings.ts";
import { hostOf, type Mesh } from "./model.ts";
import { unnamedWorkloads, warnCallers } from "./warn-callers.ts";
import { overruled, withoutEndpoints } from "./warn-requests.ts";

/** What a policy and an inventory say of each other, by the file in which it is to be fixed. */
export interface Comparison {
  /** In the inventory. */
  errors: Finding[];
  warnings: { policy: Finding[]; mesh: Finding[] };
}

/** Compares a policy with the inventory that it is meant for: what cannot work, and what never applies. */
export function checkPolicy(policy: Policy, mesh: Mesh): Comparison {
  const { errors, warnings } = checkClusters(policy, mesh);
  const matcher = new Matcher(policy);
  return {
    errors: [...errors, ...unnamedWorkloads(policy, mesh)],
    warnings: {
      policy: [
        ...policyWarnings(policy, matcher),
        ...unmatched(policy, mesh, matcher),
        ...warnCallers(policy, mesh),
        ...withoutEndpoints(policy, mesh, matcher),
      ],
      mesh: [...warnings, ...overruled(policy, mesh, matcher)],
    },
  };
}

/** A caller's cluster that the policy does not know is an error; one that only serves is suspicious. */
function checkClusters({ clusters }: Policy, mesh: Mesh): { errors: Finding[]; warnings: Finding[] } {
  const errors: Finding[] = [];
  const warnings: Finding[] = [];
  mesh.clusters.forEach((id, index) => {
    if (clusters.includes(id)) return;
    const message = `found ${JSON.stringify(id)}, allowed: an id that the policy's "clusters" lists`;
    const finding = {
      code: "CL0301" as const,
      path: ["clusters", index, "id"],
      message,
      hint: didYouMean(id, clusters),
    };
    (mesh.callers.some(({ cluster }) => cluster === id) ? errors : warnings).push(finding);
  });
  return { errors, warnings };
}

/** To look for the nearest name takes a while in a large mesh; so many mistyped patterns are another mistake. */
const HINTED = 50;

function unmatched(policy: Policy, mesh: Mesh, matcher: Matcher): Finding[] {
  const hosts = mesh.services.map((service) => hostOf(service, policy.clusterDomain));
  const names = new Set(mesh.services.map(({ namespace, name }) => `${namespace}/${name}`));
  const matched = new Set(hosts.flatMap((host) => matcher.covering(host)));
  const patterns = [...matcher.groups()].flat().filter((pattern) => !matched.has(pattern));
  return patterns.map((pattern) => ({
    code: "CL0304",
    path: pathOf(pattern),
    message: `${JSON.stringify(pattern.text)} matches no service of the inventory`,
    hint:
      patterns.length <= HINTED
        ? didYouMean(pattern.text, pattern.kind === "services" ? names : hosts)
        : undefined,
  }));
}
