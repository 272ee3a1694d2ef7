/** How requests reach the cluster that they were pinned to. */
export const ROUTINGS = ["virtual-service", "envoy-filter", "native"] as const;
export type Routing = (typeof ROUTINGS)[number];

/** Istio's own means, without the filter: a setting of the mesh, or routes by the caller's labels. */
export const NATIVES = ["cluster-local", "source-labels"] as const;
export type Native = (typeof NATIVES)[number];

/** The resource that brings the filter into the proxies. */
export const PLUGIN_APIS = ["wasmplugin", "trafficextension"] as const;
export type PluginApi = (typeof PLUGIN_APIS)[number];

export interface IstioOptions {
  routing: Routing;
  native: Native;
  pluginApi: PluginApi;
  /** Where proxies get the filter: `oci://`, `https://` or `file://`. Not read with routing native. */
  image: string;
  /** Of the image or module, in hexadecimal. */
  sha256?: string | undefined;
  /** Refuse all outbound HTTP requests of a proxy that cannot get the filter. */
  failClosed: boolean;
  /** The label of endpoints and callers that tells clusters apart. */
  clusterLabel: string;
  /** MeshConfig's rootNamespace: what stands in it is for every namespace. */
  rootNamespace: string;
}

/** On every endpoint and proxy, since Istio puts it there. */
export const CLUSTER_LABEL = "topology.istio.io/cluster";
