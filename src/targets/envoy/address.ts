import type { Address } from "../../inventory/fields.ts";
import type { Message } from "./types.ts";

/** envoy.config.core.v3.Address. */
export function socketAddress({ host, port }: Address): Message {
  return { socket_address: { address: host, port_value: port } };
}
