import type { Message } from "./types.ts";

/** A DiscoveryResponse, as a file that Envoy watches has it (envoy.service.discovery.v3). */
export function discovered(resources: Message[]): Message {
  return { resources };
}

/** envoy.config.core.v3.ConfigSource of such a file. Envoy reads it again when it is replaced by rename. */
export function fromFile(path: string): Message {
  return { path_config_source: { path }, resource_api_version: "V3" };
}
