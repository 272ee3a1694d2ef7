import { fieldsOf, itemsOf, textOf, textsOf } from "../input/loose.ts";
import type { KubeService } from "../inventory/kubernetes/services.ts";
import type { EndpointTold } from "./view.ts";

/** An endpoint that EndpointSlices tell of. */
export interface KubeEndpoint extends EndpointTold {
  ready: boolean;
}

/** The endpoints of a service's port, as far as it is known in which cluster they are. */
export function endpointsOf(service: KubeService, port: number): KubeEndpoint[] {
  const name = service.ports.find(({ number }) => number === port)?.name ?? "";
  return service.slices.flatMap(({ fields, cluster }) => {
    if (cluster === undefined) return [];
    const ports = itemsOf(fields.ports).map(fieldsOf);
    const own = ports.find((one) => (textOf(one.name) ?? "") === name) ?? ports[0];
    return itemsOf(fields.endpoints)
      .map(fieldsOf)
      .flatMap(({ addresses, conditions }) =>
        textsOf(addresses).map((address) => ({
          cluster,
          address: `${address.includes(":") ? `[${address}]` : address}:${Number(own?.port ?? port)}`,
          ready: fieldsOf(conditions).ready !== false,
        })),
      );
  });
}

/** Why the endpoints of a service are not all known; undefined when they are. */
export function unknownEndpoints({ slices, namespace, name }: KubeService): string | undefined {
  if (slices.length === 0)
    return `no EndpointSlice of ${namespace}/${name} in the inventory: its endpoints are not known`;
  const nameless = slices.find(({ cluster }) => cluster === undefined);
  return (
    nameless &&
    `${nameless.file} does not tell its cluster, so its endpoints are left out: call it as the cluster is, or put it in a folder that is`
  );
}
