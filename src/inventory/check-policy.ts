import { didYouMean } from "../input/nearest.ts";
import { formatPath, type Path } from "../input/path.ts";
import type { Finding } from "../input/problem.ts";
import { Matcher } from "../policy/match.ts";
import type { Policy } from "../policy/policy.ts";
import { pathOf } from "../policy/rules.ts";
import { hostOf, serviceKey, type Mesh, type Service } from "./model.ts";

/** What a policy and an inventory say of each other, by the file in which it is to be fixed. */
export interface Comparison {
  /** In the inventory. */
  errors: Finding[];
  warnings: { policy: Finding[]; mesh: Finding[] };
}

/** Compares a policy with the inventory that it is meant for. */
export function checkPolicy(policy: Policy, mesh: Mesh): Comparison {
  const { errors, warnings } = checkClusters(policy, mesh);
  const matcher = new Matcher(policy);
  return {
    errors,
    warnings: {
      policy: [...unmatched(policy, mesh, matcher), ...withoutEndpoints(policy, mesh, matcher)],
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
    const finding = { path: ["clusters", index, "id"], message, hint: didYouMean(id, clusters) };
    (mesh.callers.some(({ cluster }) => cluster === id) ? errors : warnings).push(finding);
  });
  return { errors, warnings };
}

/** To look for the nearest name takes a while in a large mesh; so many mistyped patterns are another mistake. */
const HINTED = 50;

function unmatched(policy: Policy, mesh: Mesh, matcher: Matcher): Finding[] {
  const hosts = mesh.services.map((service) => hostOf(service, policy.clusterDomain));
  const names = new Set(mesh.services.map(({ namespace, name }) => `${namespace}/${name}`));
  const patterns = matcher.unmatched(hosts);
  return patterns.map((pattern) => ({
    path: pathOf(pattern),
    message: `${JSON.stringify(pattern.text)} matches no service of the inventory`,
    hint:
      patterns.length <= HINTED
        ? didYouMean(pattern.text, pattern.kind === "services" ? names : hosts)
        : undefined,
  }));
}

/** A gateway's route may ask for a cluster, but what the filter says of the request goes before. */
function overruled(policy: Policy, mesh: Mesh, matcher: Matcher): Finding[] {
  if (!policy.enabled) return [];
  return mesh.callers.flatMap((caller) =>
    caller.routes.flatMap(({ service, cluster, path }) => {
      const [namespace, name] = service.split("/") as [string, string];
      const pattern = matcher.find(hostOf({ namespace, name }, policy.clusterDomain));
      const mode = pattern && policy.rules[pattern.rule]?.mode;
      if (!caller.plugin || cluster === undefined || cluster === caller.cluster) return [];
      if (mode !== "strict" && mode !== "prefer") return [];
      const message = `the policy's ${formatPath(pathOf(pattern!))} (${mode}) goes before this: the filter pins the request to ${caller.cluster}`;
      return [{ path: [...path, "cluster"], message }];
    }),
  );
}

/** Strict where nothing local can answer is an outage: it may be meant, but it should be known. */
function withoutEndpoints(policy: Policy, mesh: Mesh, matcher: Matcher): Finding[] {
  if (!policy.enabled) return [];
  const calling = new Set(mesh.callers.filter(({ plugin }) => plugin).map(({ cluster }) => cluster));
  return mesh.services.flatMap((service) => {
    const pattern = matcher.find(hostOf(service, policy.clusterDomain));
    if (!pattern || policy.rules[pattern.rule]?.mode !== "strict") return [];
    return [...calling]
      .filter((id) => service.endpoints.every(({ cluster }) => cluster !== id))
      .map((id) => lacking(service, id, pathOf(pattern)));
  });
}

function lacking({ namespace, name, port }: Service, cluster: string, path: Path): Finding {
  const service = serviceKey(`${namespace}/${name}`, port);
  return {
    path,
    message: `strict, but ${service} has no endpoint in ${cluster}: callers there will get 503`,
  };
}
