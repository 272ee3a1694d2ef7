import type { Inventory } from "../inventory/kubernetes/model.ts";
import { byAge } from "../istio/visibility.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import type { Policy } from "../policy/policy.ts";
import type { IstioOptions } from "../targets/istio/options.ts";
import type { IstioProxy } from "./istio-match.ts";
import { Patches, type PatchedProxy } from "./istio-patches.ts";
import type { Ours, Resources } from "./istio-resources.ts";
import type { Routed } from "./istio-routes.ts";
import type { Configured } from "./istio-upstream.ts";

/** What an explanation of a mesh is made of. */
export interface Mesh {
  policy: Policy;
  inventory: Inventory;
  options: IstioOptions;
}

/** What a proxy has by the user's resources and what would be generated, and by those that are applied. */
export function configured(
  resources: Resources,
  proxy: IstioProxy,
  context: PatchedProxy["context"],
  { policy, inventory, options }: Mesh,
): Configured & Pick<Routed, "applied"> {
  const { generated, applied, destinationRules: users } = resources;
  const withOurs = (ours: Ours) => ({
    // What is generated is younger than all else; what is applied has its age.
    destinationRules:
      ours === generated
        ? [...users, ...ours.destinationRules]
        : [...(users as KubeObject[]), ...(ours.destinationRules as KubeObject[])].sort(byAge),
    patches: new Patches(ours.envoyFilters, { cluster: proxy.cluster, context }),
    settings: ours.settings,
  });
  return {
    ...{ policy, inventory, proxy, rootNamespace: options.rootNamespace },
    ...withOurs(generated),
    ...(applied && { applied: withOurs(applied) }),
  };
}
