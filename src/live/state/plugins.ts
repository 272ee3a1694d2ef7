import { at, textOf, type Fields } from "../../input/loose.ts";
import { textIn, unpack } from "./any.ts";
import type { Plugin } from "./model.ts";

/** The root id of our filter: how it knows itself in a module. */
const ROOT_ID = "cluster_local";

/** Whether an HTTP filter is ours (envoy.extensions.filters.http.wasm.v3.Wasm with our root id). */
export function isOurs(type: string, message: Fields): boolean {
  return (
    type === "envoy.extensions.filters.http.wasm.v3.Wasm" &&
    textOf(at(message, "config", "root_id")) === ROOT_ID
  );
}

/** envoy.extensions.wasm.v3.PluginConfig, as the filter's configuration. */
export function pluginOf(
  message: Fields,
  { name, discovered, updated }: Pick<Plugin, "name" | "discovered" | "updated">,
): Plugin {
  const config = at(message, "config");
  return {
    name,
    discovered,
    updated,
    text: textIn(at(config, "configuration")),
    failOpen: at(config, "fail_open") === true || at(config, "failure_policy") === "FAIL_OPEN",
  };
}

/** envoy.admin.v3.EcdsConfigDump: one entry for each listener that uses it. */
export function discoveredPlugins(ecds: readonly unknown[]): Plugin[] {
  return ecds.flatMap((one) => {
    const { type, message } = unpack(at(one, "ecds_filter", "typed_config"));
    if (!isOurs(type, message)) return [];
    const name = textOf(at(one, "ecds_filter", "name")) ?? "";
    return [pluginOf(message, { name, discovered: true, updated: textOf(at(one, "last_updated")) })];
  });
}
