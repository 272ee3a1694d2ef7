import { extension } from "./names.ts";

/** An HTTP filter in Envoy's configuration. */
export type Filter = Record<string, unknown>;

/** A Wasm filter, as `cluster-local generate envoy` configures it, but without discovery. */
export function wasm(module: string, configuration: unknown): Filter {
  return filter("cluster_local", "wasm.v3.Wasm", {
    config: {
      name: "cluster_local",
      root_id: "cluster_local",
      vm_config: {
        vm_id: "cluster_local",
        runtime: "envoy.wasm.runtime.v8",
        code: { local: { filename: module } },
      },
      configuration: {
        "@type": "type.googleapis.com/google.protobuf.StringValue",
        value: JSON.stringify(configuration),
      },
    },
  });
}

/** A Lua filter with this script. */
export function lua(script: string): Filter {
  return filter("envoy.filters.http.lua", "lua.v3.Lua", { default_source_code: { inline_string: script } });
}

/** An HTTP filter of this type. */
export function filter(name: string, type: string, config: object): Filter {
  return { name, typed_config: extension(`filters.http.${type}`, config) };
}
