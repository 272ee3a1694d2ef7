/** How requests are kept local; see README. */
export const ROUTINGS = ["auto", "routes", "endpoints", "mesh-config"] as const;
export type Routing = (typeof ROUTINGS)[number];

/** The resource that brings the filter into the proxies. */
export const PLUGIN_APIS = ["wasmplugin", "trafficextension"] as const;
export type PluginApi = (typeof PLUGIN_APIS)[number];

export interface IstioOptions {
  routing: Routing;
  pluginApi: PluginApi;
  /** Where proxies get the filter: `oci://`, `https://` or `file://`. Undefined: they get none. */
  image: string | undefined;
  /** Of the image or module, in hexadecimal. */
  sha256?: string | undefined;
  /** Refuse all outbound HTTP requests of a proxy that cannot get the filter. */
  failClosed: boolean;
  /** EnvoyFilters of an earlier run, beside those in the inventory. */
  known?: readonly { namespace: string; name: string }[];
  /** MeshConfig's rootNamespace: what stands in it is for every namespace. */
  rootNamespace: string;
  /** The istiod that alone is to read what is generated; undefined: each one. */
  revision?: string | undefined;
}
