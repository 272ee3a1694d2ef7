import { podKey, type Inventory } from "../inventory/kubernetes/model.ts";
import { addressOf, canonicalHost } from "../input/host.ts";
import { fieldsOf, itemsOf, textOf, textsOf } from "../input/loose.ts";
import type { KubeService } from "../inventory/kubernetes/services.ts";
import type { EndpointTold } from "./view.ts";

/** An endpoint that EndpointSlices tell of. */
export interface KubeEndpoint extends EndpointTold {
  ready: boolean;
  /** The labels of its pod; undefined where the inventory has no such Pod. */
  pod: Readonly<Record<string, string>> | undefined;
}

/** The endpoints of a service's port, which Istio finds by its name, as far as it is known in which cluster they are. */
export function endpointsOf(
  service: KubeService,
  port: number,
  { pods }: Pick<Inventory, "pods">,
): KubeEndpoint[] {
  const name = service.ports.find(({ number }) => number === port)?.name ?? "";
  return service.slices.flatMap(({ fields, cluster, namespace }) => {
    if (cluster === undefined) return [];
    const ports = itemsOf(fields.ports).map(fieldsOf);
    const own = ports.find((one) => (textOf(one.name) ?? "") === name);
    if (!own) return [];
    return itemsOf(fields.endpoints)
      .map(fieldsOf)
      .flatMap(({ addresses, conditions, targetRef }) =>
        textsOf(addresses).map((address) => ({
          cluster,
          address: addressOf(canonicalHost(address), Number(own.port ?? port)),
          ready: fieldsOf(conditions).ready !== false,
          pod: pods.get(podKey(cluster, namespace, textOf(fieldsOf(targetRef).name) ?? "")),
        })),
      );
  });
}

/** Why the endpoints of a service are not all known; undefined when they are. */
export function unknownEndpoints({
  slices,
  namespace,
  name,
  headless,
  external,
}: KubeService): string | undefined {
  if (external) return `not known: the endpoints of ${namespace}/${name}, which is another name for a host`;
  if (headless)
    return `not known: which endpoint a request goes to, for ${namespace}/${name} is headless and its callers choose`;
  if (slices.length === 0)
    return `no EndpointSlice of ${namespace}/${name} in the inventory: its endpoints are not known`;
  const nameless = slices.find(({ cluster }) => cluster === undefined);
  return (
    nameless &&
    `${nameless.file} does not tell its cluster, so its endpoints are left out: call it as the cluster is, or put it in a folder that is`
  );
}
