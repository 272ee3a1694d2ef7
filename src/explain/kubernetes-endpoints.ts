import { fieldsOf, itemsOf, textOf, textsOf } from "../inventory/kubernetes/object.ts";
import type { KubeService } from "../inventory/kubernetes/services.ts";
import type { EndpointTold } from "./view.ts";

/** An endpoint that EndpointSlices tell of. */
export interface KubeEndpoint extends EndpointTold {
  ready: boolean;
}

/** The endpoints of a service's port; those of files that name no cluster are in "an unknown cluster". */
export function endpointsOf(service: KubeService, port: number): KubeEndpoint[] {
  const name = service.ports.find(({ number }) => number === port)?.name ?? "";
  return service.slices.flatMap(({ fields, cluster = UNKNOWN_CLUSTER }) => {
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

export const UNKNOWN_CLUSTER = "an unknown cluster";
