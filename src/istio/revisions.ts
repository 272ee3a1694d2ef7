import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";

/** The label by which objects are for one revision of istiod alone (label.IoIstioRev). */
export const REVISION = "istio.io/rev";

/** What istiod calls itself where its installation says nothing else. */
export const DEFAULT_REVISION = "default";

/** The revision that alone reads an object, where it is not that of the callers (LabelsInRevision in pkg/config/model.go). */
export function otherRevision({ labels }: Pick<KubeObject, "labels">, revision: string): string | undefined {
  const own = labels[REVISION];
  return own === undefined || own === revision ? undefined : own;
}

/** What istiod of a revision reads of an inventory. */
export function inRevision(inventory: Inventory, revision = DEFAULT_REVISION): Inventory {
  const read = (objects: readonly KubeObject[]) =>
    objects.some((one) => otherRevision(one, revision) !== undefined)
      ? objects.filter((one) => otherRevision(one, revision) === undefined)
      : objects;
  const { serviceEntries, virtualServices, destinationRules, gateways, sidecars, routes, kubeGateways } =
    inventory;
  return {
    ...inventory,
    serviceEntries: new Map(
      [...serviceEntries].filter(([, one]) => otherRevision(one, revision) === undefined),
    ),
    virtualServices: read(virtualServices),
    destinationRules: read(destinationRules),
    gateways: read(gateways),
    sidecars: read(sidecars),
    routes: read(routes),
    kubeGateways: read(kubeGateways),
  };
}
