import type { PluginConfigInput } from "../../policy/plugin-config.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Fields } from "../../inventory/kubernetes/object.ts";
import type { IstioOptions } from "./options.ts";
import { own, type Resource } from "./resource.ts";

/** The name of the plugin, and the root id by which the filter knows itself. */
export const PLUGIN = "cluster_local";
export const PLUGIN_RESOURCE = "cluster-local";

/**
 * Last among the plugins of its phase, which is the one nearest to the router: what other plugins and filters do to the
 * request is done by then, so none of them can choose another route for it or set the filter's headers.
 */
const PRIORITY = -1000;

/** What brings the filter to the callers, in each namespace that has some; one resource serves every cluster. */
export function plugins(
  config: PluginConfigInput,
  namespaces: readonly string[],
  options: IstioOptions,
): Resource[] {
  const wasm: Fields = {
    url: options.image,
    ...(options.sha256 !== undefined && { sha256: options.sha256 }),
    pluginName: PLUGIN,
    // Without the module: FAIL_OPEN, all requests go where they went before; FAIL_CLOSE, none of them goes anywhere, those
    // to services that no rule names included.
    failStrategy: options.failClosed ? "FAIL_CLOSE" : "FAIL_OPEN",
  };
  const place: Fields = { priority: PRIORITY, match: [{ mode: "CLIENT" }] };
  const [kind, spec] =
    options.pluginApi === "wasmplugin"
      ? ["WasmPlugin", { ...wasm, ...place, pluginConfig: config }]
      : ["TrafficExtension", { ...place, wasm: { ...wasm, pluginConfig: config } }];
  return namespaces.map((namespace) =>
    own("extensions.istio.io/v1alpha1", kind, namespace, PLUGIN_RESOURCE, spec),
  );
}

/** The namespaces of the callers: those that the rules or the override name, or the root namespace, which stands for all. */
export function pluginNamespaces({ rules, override }: Policy, rootNamespace: string): string[] {
  const namespaces = new Set<string>(override?.from);
  for (const { callers, mode } of rules) {
    if (mode === "off") continue;
    for (const caller of callers ?? ["*/*"]) {
      const namespace = caller.slice(0, caller.indexOf("/"));
      if (namespace.endsWith("*")) return [rootNamespace];
      namespaces.add(namespace);
    }
  }
  // What stands in the root namespace is in all others, too, and twice would be once too often.
  if (namespaces.size === 0 || namespaces.has(rootNamespace)) return [rootNamespace];
  return [...namespaces].sort();
}
