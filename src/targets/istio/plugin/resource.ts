import type { PluginConfigInput } from "../../../policy/plugin-config.ts";
import type { Fields } from "../../../input/loose.ts";
import type { IstioOptions } from "../options.ts";
import type { Placement } from "./placement.ts";
import { own, type Resource } from "../resource.ts";

/** The name of the plugin, and the root id by which the filter knows itself. */
export const PLUGIN = "cluster_local";
export const PLUGIN_RESOURCE = "cluster-local";

/**
 * Last among the plugins of its phase, which is the one nearest to the router: what other plugins and filters do to the
 * request is done by then, so none of them can choose another route for it or set the filter's headers.
 */
const PRIORITY = -1000;

/** What brings the filter to the callers, in each place that has some; one resource serves every cluster. */
export function plugins(
  config: PluginConfigInput,
  places: readonly Placement[],
  options: IstioOptions & { image: string },
): Resource[] {
  const wasm: Fields = {
    url: options.image,
    ...(options.sha256 !== undefined && { sha256: options.sha256 }),
    pluginName: PLUGIN,
    // Without the module: FAIL_OPEN, all requests go where they went before; FAIL_CLOSE, none of them goes anywhere, those
    // to services that no rule names included.
    failStrategy: options.failClosed ? "FAIL_CLOSE" : "FAIL_OPEN",
  };
  return places.map(({ namespace, selector }) => {
    const place: Fields = {
      ...(selector && { selector: { matchLabels: selector } }),
      priority: PRIORITY,
      match: [{ mode: "CLIENT" }],
    };
    const [kind, spec] =
      options.pluginApi === "wasmplugin"
        ? ["WasmPlugin", { ...wasm, ...place, pluginConfig: config }]
        : ["TrafficExtension", { ...place, wasm: { ...wasm, pluginConfig: config } }];
    return own("extensions.istio.io/v1alpha1", kind, namespace, PLUGIN_RESOURCE, spec);
  });
}
