import type { Finding, Problem } from "../../input/problem.ts";
import type { Fields } from "../../input/loose.ts";
import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { titleOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import type { Policy } from "../../policy/policy.ts";
import { meshConfig, notInMeshConfig } from "./mesh-config.ts";
import { meshOf, type Mesh } from "./mesh.ts";
import { isLabelValue } from "./names.ts";
import { leftOut } from "./judge.ts";
import type { IstioOptions } from "./options.ts";
import type { LeftOut } from "./plan.ts";
import { plansOf, type Plans } from "./plans.ts";
import { reportOf, type Report } from "./report.ts";
import { byOrder, ofRevision, titleOfResource, type Resource } from "./resource.ts";
import { evidenceResources, patchResources, pluginResources, subsetResources } from "./resources.ts";
import { switchedOff } from "./switch.ts";
import { unknownClusters, warnings } from "./warnings.ts";

/** What a policy means for an Istio mesh. Where there are errors, nothing else is to be used. */
export interface IstioOutput {
  /** In the policy. */
  errors: Finding[];
  /** Services that rules name and that are not kept local; all others are. */
  leftOut: LeftOut[];
  warnings: { policy: Finding[]; inventory: Problem[] };
  /** For `kubectl apply`, in the order in which a cluster should get them. */
  resources: Resource[];
  /** A fragment for the mesh's own configuration. */
  meshConfig: Fields | undefined;
  report: Report;
  /** What an earlier run made and this one does not need. */
  stale: KubeObject[];
}

/** Generates the resources that make a mesh obey a policy: all of them ours, and nothing of the user's is in them. */
export function generateIstio(
  policy: Policy,
  inventory: Inventory,
  options: IstioOptions,
  mesh = meshOf(policy, inventory, options),
): IstioOutput {
  const plans =
    policy.enabled && options.routing !== "mesh-config" ? clashless(plansOf(mesh), mesh) : NOTHING;
  const out = options.routing === "mesh-config" && policy.enabled ? notInMeshConfig(mesh) : plans.leftOut;
  const resources = policy.enabled
    ? [
        ...subsetResources(plans, mesh),
        ...patchResources(plans, mesh),
        ...pluginResources({ leftOut: out }, mesh),
        ...evidenceResources(mesh),
      ]
    : switchedOff(mesh);
  const sorted = resources.map((one) => ofRevision(one, options.revision)).sort(byOrder);
  const titles = new Set(sorted.map(titleOfResource));
  return {
    errors: [...clusterErrors(policy), ...(policy.enabled ? unknownClusters(mesh) : [])],
    leftOut: out,
    warnings: warnings(mesh, plans),
    resources: sorted,
    meshConfig: options.routing === "mesh-config" && policy.enabled ? meshConfig(policy) : undefined,
    report: reportOf(mesh, plans, out),
    stale: inventory.ours.filter((one) => !titles.has(titleOf(one))),
  };
}

const NOTHING: Plans = {
  services: new Map(),
  leftOut: [],
  sidecars: [],
  gateways: [],
  passedOver: new Map(),
};

function clusterErrors({ clusters }: Policy): Finding[] {
  return clusters.flatMap((id, index) => {
    if (isLabelValue(id)) return [];
    const message = `found ${JSON.stringify(id)}, allowed: on Istio the value of a Kubernetes label (1 to 63 letters, digits, -, _ and .)`;
    return [{ code: "CL0302", path: ["clusters", index], message }];
  });
}

/** The plans without services whose DestinationRule would have the name of one of the user's. */
function clashless(plans: Plans, mesh: Mesh): Plans {
  const users = new Set(
    mesh.inventory.destinationRules.map(titleOf).filter((title) => title.includes("/cluster-local-")),
  );
  if (users.size === 0) return plans;
  const services = new Map(plans.services);
  const out = [...plans.leftOut];
  for (const plan of plans.services.values()) {
    const one = { ...plans, services: new Map([[plan.service.host, plan]]) };
    const clash = subsetResources(one, mesh)
      .map(titleOfResource)
      .find((title) => users.has(title));
    if (clash === undefined) continue;
    services.delete(plan.service.host);
    out.push(
      leftOut(
        plan,
        {
          code: "CL0409",
          why: `${clash} is yours and has the name of one to be generated`,
          edit: "another name for yours",
        },
        mesh.matcher,
      ),
    );
  }
  return { ...plans, services, leftOut: out };
}
