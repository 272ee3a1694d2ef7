/** An HTTP filter in Envoy's configuration. */
export type Filter = Record<string, unknown>;

/** The cluster that every pinned variant stays in, and the other one. */
export const LOCAL = "m1c1";
export const REMOTE = "m1c2";
/** The service that all requests go to, and the name of its Envoy cluster and route. */
export const HOST = "reviews.default.svc.cluster.local";
export const CLUSTER = `${HOST}:9080`;

/** A Wasm filter, as `cluster-local generate envoy` configures it, but without discovery. */
export function wasm(module: string, configuration: object): Filter {
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

/** The step that makes the subset load balancer's metadata of the headers, as generated. */
export const headerToMetadata: Filter = filter(
  "envoy.filters.http.header_to_metadata",
  "header_to_metadata.v3.Config",
  {
    request_rules: [
      rule("x-cluster-local", { key: "cluster", type: "STRING" }),
      rule("x-cluster-local-order", { key: "fallback_list", type: "PROTOBUF_VALUE", encode: "BASE64" }),
    ],
  },
);

/** A Lua filter with this script. */
export function lua(script: string): Filter {
  return filter("envoy.filters.http.lua", "lua.v3.Lua", { default_source_code: { inline_string: script } });
}

function rule(header: string, value: object): object {
  return { header, on_header_present: { metadata_namespace: "envoy.lb", ...value }, remove: true };
}

function filter(name: string, type: string, config: object): Filter {
  const url = `type.googleapis.com/envoy.extensions.filters.http.${type}`;
  return { name, typed_config: { "@type": url, ...config } };
}
