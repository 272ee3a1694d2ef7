import type { Finding, Problem } from "../../input/problem.ts";
import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { ORIGINAL } from "../../inventory/kubernetes/marks.ts";
import type { Fields } from "../../input/loose.ts";
import { problemOf, titleOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import { Matcher } from "../../policy/match.ts";
import type { Policy } from "../../policy/policy.ts";
import { byClusterHeader } from "./by-cluster-header.ts";
import { byLocality } from "./by-locality.ts";
import { byRoutes } from "./by-routes.ts";
import { gatewayApiRoutes } from "./gateway-api.ts";
import { DestinationRules } from "./destination-rules.ts";
import { inexpressible } from "./expressible.ts";
import { governedServices } from "./governed.ts";
import { join, type Made, type Mesh, type Part } from "./mesh.ts";
import { meshConfig } from "./mesh-config.ts";
import { namedServices } from "./named-services.ts";
import type { IstioOptions } from "./options.ts";
import { HEADER, pluginConfig } from "./plugin-config.ts";
import { placements } from "./placement.ts";
import { plugins } from "./plugin.ts";
import { asItWas, byOrder, type Resource } from "./resource.ts";
import { overrideNote, ruleReports, titleOfResource, type RuleReport } from "./report.ts";
import { readVirtualService } from "./virtual-service-shape.ts";
import { serviceEntryErrors, warnings } from "./warnings.ts";

/** What a policy means for an Istio mesh. Where there are errors, nothing else is to be used. */
export interface IstioOutput {
  /** In the policy. */
  errors: Finding[];
  /** In the inventory. */
  problems: Problem[];
  warnings: { policy: Finding[]; inventory: Problem[] };
  /** For `kubectl apply`, in the order in which a cluster should get them. */
  resources: Resource[];
  /** A fragment for the mesh's own configuration. */
  meshConfig: Fields | undefined;
  rules: RuleReport[];
  /** What became of the policy's override; undefined where it has none. */
  override: string | undefined;
  /** What an earlier run made and this one does not need. */
  stale: KubeObject[];
}

/** Generates the resources that make a mesh obey a policy. */
export function generateIstio(policy: Policy, inventory: Inventory, options: IstioOptions): IstioOutput {
  const matcher = new Matcher(policy);
  const services = inventory.services.size > 0 ? inventory.services : namedServices(policy);
  const read = inventory.virtualServices.map(readVirtualService);
  const mesh: Mesh = {
    ...{ policy, inventory, options },
    governed: governedServices(services.values(), matcher, policy.override),
    rules: new DestinationRules(inventory.destinationRules, policy.clusterDomain, options.rootNamespace),
    virtualServices: read.flatMap((one) => (Array.isArray(one) ? [] : [one])),
  };
  const part = partOf(mesh);
  const routes = gatewayApiRoutes(mesh);
  const setting = nativeSetting(options) && policy.enabled ? meshConfig(policy) : undefined;
  const resources = [...part.made.map(({ resource }) => resource), ...restored(part.made, inventory)].sort(
    byOrder,
  );
  return {
    errors: [
      ...inexpressible(policy, inventory, options),
      ...(nativeSetting(options) ? [] : serviceEntryErrors(inventory, matcher)),
    ],
    problems: [
      ...read.flatMap((one) => (Array.isArray(one) ? one : [])),
      ...part.problems,
      ...routes.problems,
      ...clashes(part.made, inventory),
    ],
    warnings: {
      policy: warnings(policy, inventory, mesh.governed, matcher, options),
      inventory: [...part.warnings, ...routes.warnings],
    },
    resources,
    meshConfig: setting,
    rules: ruleReports(mesh, matcher, part.made, setting !== undefined),
    override: overrideNote(mesh),
    stale: stale(resources, inventory),
  };
}

function nativeSetting({ routing, native }: IstioOptions): boolean {
  return routing === "native" && native === "cluster-local";
}

/** With `enabled: false` the filter leaves all requests alone, so routes and subsets may stay; what works without it may not. */
function partOf(mesh: Mesh): Part {
  const { policy, options } = mesh;
  const parts: Part[] = [];
  if (options.routing === "virtual-service") parts.push(byRoutes(mesh, HEADER));
  else if (options.routing === "envoy-filter") parts.push(byClusterHeader(mesh));
  else if (options.native === "source-labels" && policy.enabled) parts.push(byRoutes(mesh, undefined));
  const { made, problems, warnings } = join(parts);
  const local = policy.enabled ? byLocality(mesh, made) : { made, problems: [], warnings: [] };
  return join([local, { made: pluginsOf(mesh), problems, warnings }]);
}

function pluginsOf({ policy, inventory, governed, options }: Mesh): Made[] {
  if (options.routing === "native" || policy.rules.length === 0) return [];
  const config = pluginConfig(policy, inventory, governed, options);
  const hosts = governed.map(({ service }) => service.host);
  const places = placements(policy, inventory, options.rootNamespace);
  return plugins(config, places, options).map((resource) => ({ resource, hosts }));
}

/** The user's resources that an earlier run wove into and this one leaves alone, as they were. */
function restored(made: readonly Made[], { ours, virtualServices, destinationRules }: Inventory): Resource[] {
  const titles = new Set(made.map(({ resource }) => titleOfResource(resource)));
  const left = new Set(
    ours.filter((one) => one.annotations[ORIGINAL] !== undefined && !titles.has(titleOf(one))).map(titleOf),
  );
  return [...virtualServices, ...destinationRules].filter((one) => left.has(titleOf(one))).map(asItWas);
}

function stale(resources: readonly Resource[], { ours }: Inventory): KubeObject[] {
  const titles = new Set(resources.map(titleOfResource));
  return ours.filter((one) => !titles.has(titleOf(one)));
}

/** Resources of the user's that have the name of one of ours. */
function clashes(made: readonly Made[], { virtualServices, destinationRules }: Inventory): Problem[] {
  const own = new Set(
    made
      .filter(({ resource }) => resource.metadata.annotations?.[ORIGINAL] === undefined)
      .map(({ resource }) => titleOfResource(resource)),
  );
  return [...virtualServices, ...destinationRules]
    .filter((one) => own.has(titleOf(one)))
    .map((one) =>
      problemOf(one, "metadata.name", "is the name of a resource to be generated, allowed: another"),
    );
}
