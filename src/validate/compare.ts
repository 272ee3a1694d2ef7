import { optionsFrom, type ExplainOptions } from "../explain/istio-resources.ts";
import type { Finding, Parsed, Problem } from "../input/problem.ts";
import type { Source } from "../input/source.ts";
import { checkPolicy } from "../inventory/check-policy.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import { problemOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import type { Mesh } from "../inventory/model.ts";
import { DEFAULT_REVISION, inRevision, otherRevision } from "../istio/revisions.ts";
import { Matcher } from "../policy/match.ts";
import type { PluginConfig } from "../policy/plugin-config.ts";
import type { Policy } from "../policy/policy.ts";
import { warnings as ownWarnings } from "../policy/warnings.ts";
import { generateIstio, type IstioOutput } from "../targets/istio/index.ts";
import { meshOf } from "../targets/istio/mesh.ts";
import { appliedOtherwise } from "./applied.ts";
import { ambient, choosing, strayCallers } from "./callers.ts";
import { otherNames } from "./other-names.ts";
import { portProblems } from "./ports.ts";
import { routeProblems } from "./routes.ts";
import { emptyVersions } from "./versions.ts";

/** The rules of a policy or of a plugin configuration. */
export interface Rules {
  source: Source;
  value: Policy | PluginConfig;
}

/** What Kubernetes resources tell. */
export interface Kubernetes {
  inventory: Inventory;
  /** All of them, of whatever kind. */
  objects: readonly KubeObject[];
}

interface Found {
  errors: Problem[];
  warnings: Problem[];
}

/** Compares each set of rules with each inventory; without any, with itself. */
export function compareAll(
  all: readonly Rules[],
  meshes: readonly Extract<Parsed<Mesh>, { ok: true }>[],
  kubernetes: Kubernetes | undefined,
  options: ExplainOptions,
): Found {
  const found: Found = { errors: [], warnings: [] };
  for (const rules of all) {
    const { source, value } = rules;
    if (meshes.length === 0) found.warnings.push(...source.problems(ownWarnings(value, new Matcher(value))));
    for (const mesh of meshes) {
      const compared = checkPolicy(asPolicy(value, mesh.value.clusters), mesh.value);
      found.errors.push(...mesh.source.problems(compared.errors));
      found.warnings.push(
        ...source.problems(compared.warnings.policy),
        ...mesh.source.problems(compared.warnings.mesh),
      );
    }
    if (kubernetes && kubernetes.inventory.services.size > 0) compare(rules, kubernetes, options, found);
  }
  if (kubernetes) {
    const { objects } = kubernetes;
    const { clusterDomain = "cluster.local" } = all[0]?.value ?? {};
    const inventory = inRevision(kubernetes.inventory, options.revision);
    found.warnings.push(
      ...routeProblems(inventory, clusterDomain),
      ...portProblems(inventory, objects),
      ...otherRevisions(kubernetes.inventory, options),
    );
  }
  return found;
}

/** What a policy makes of Kubernetes resources: what generate would warn of or refuse, and what it cannot see. */
function compare(
  { source, value }: Rules,
  kubernetes: Kubernetes,
  given: ExplainOptions,
  found: Found,
): void {
  const { objects } = kubernetes;
  const inventory = inRevision(kubernetes.inventory, given.revision);
  const policy = asPolicy(value, []);
  const options = optionsFrom(given);
  const mesh = meshOf(policy, inventory, options);
  const generated = generateIstio(policy, inventory, options, mesh);
  const known = { mesh, objects };
  const routings = given.routing === undefined ? (["auto", "routes", "endpoints"] as const) : [given.routing];
  found.errors.push(...source.problems(generated.errors));
  found.warnings.push(
    ...source.problems([
      ...generated.warnings.policy,
      ...generated.leftOut.map(leftOutFinding),
      ...strayCallers(known),
    ]),
    // What is disputed is told as an error, with both places.
    ...generated.warnings.inventory.filter(({ code }) => code !== "CL0105"),
    ...emptyVersions(known),
    ...otherNames(known),
    ...choosing(known),
    ...ambient(known),
    ...appliedOtherwise(policy, source, inventory, options, routings),
  );
}

function leftOutFinding({ code, service, why, edit, rule }: IstioOutput["leftOut"][number]): Finding {
  return {
    code,
    path: ["rules", rule],
    message: `${service} is not kept local on Istio: ${why}`,
    hint: edit,
  };
}

/** What another istiod reads than that of the callers. */
function otherRevisions(
  { virtualServices, destinationRules, gateways, routes, kubeGateways, serviceEntries }: Inventory,
  { revision = DEFAULT_REVISION }: ExplainOptions,
): Problem[] {
  const entries = new Set(serviceEntries.values());
  return [
    ...[...virtualServices, ...destinationRules, ...gateways, ...routes, ...kubeGateways, ...entries],
  ].flatMap((one) => {
    const other = otherRevision(one, revision);
    if (other === undefined) return [];
    const message = `is for the revision ${JSON.stringify(other)} alone: left out, for callers are taken to have ${JSON.stringify(revision)}`;
    return [problemOf("CL0705", one, "metadata.labels", message)];
  });
}

/** A plugin configuration need not list the clusters: then there are those of the inventory. */
function asPolicy(value: Policy | PluginConfig, clusters: readonly string[]): Policy {
  return { ...value, clusters: value.clusters ?? [...clusters] };
}
