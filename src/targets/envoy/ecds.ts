import type { PluginConfigInput } from "../../policy/plugin-config.ts";
import { discovered } from "./discovery.ts";
import { PLUGIN } from "./names.ts";
import { any, type Message } from "./types.ts";

/** The compiled filter, as Envoy will find it. */
export interface Module {
  /** Its path on the machine or in the container that Envoy runs in. */
  path: string;
  /** Of its bytes, in hexadecimal; a new module under the same path is then taken up by running Envoys. */
  sha256?: string | undefined;
}

/** The file that the filter's configuration is discovered from: a DiscoveryResponse with one TypedExtensionConfig. */
export function ecds(config: PluginConfigInput, module: Module): Message {
  const wasm = any("envoy.extensions.filters.http.wasm.v3.Wasm", { config: plugin(config, module) });
  return discovered([any("envoy.config.core.v3.TypedExtensionConfig", { name: PLUGIN, typed_config: wasm })]);
}

/** envoy.extensions.wasm.v3.PluginConfig. */
function plugin(config: PluginConfigInput, module: Module): Message {
  return {
    name: PLUGIN,
    root_id: PLUGIN,
    vm_config: {
      vm_id: PLUGIN,
      runtime: "envoy.wasm.runtime.v8",
      code: { local: { filename: module.path } },
      // Envoy compares configurations, not modules: without this a module that was replaced would stay unread.
      ...(module.sha256 !== undefined && { configuration: text(`sha256:${module.sha256}`) }),
    },
    // A VM that has trapped is replaced for a later request; until then requests fail (503) and do not go astray.
    failure_policy: "FAIL_RELOAD",
    reload_config: { backoff: { base_interval: "0.1s" } },
    configuration: text(`${JSON.stringify(config, null, 2)}\n`),
  };
}

function text(value: string): Message {
  return any("google.protobuf.StringValue", { value });
}
