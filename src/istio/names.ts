/** How Istio names what Envoy has. */

/** Of an Envoy cluster: `outbound|9080|v1|reviews.default.svc.cluster.local` (BuildSubsetKey in pilot/pkg/model/service.go). */
export function envoyCluster(host: string, port: number, subset = ""): string {
  return `outbound|${port}|${subset}|${host}`;
}

/** Of a virtual host: `reviews.default.svc.cluster.local:9080` (DomainName in pilot/pkg/networking/util/util.go). */
export function virtualHostName(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The route to a service that no VirtualService routes (DefaultRouteName in pilot/pkg/networking/core/route/route.go). */
export const DEFAULT_ROUTE = "default";

/** On every endpoint and proxy, since Istio puts it there (label.TopologyCluster). */
export const CLUSTER_LABEL = "topology.istio.io/cluster";

/** The sidecars of the mesh, where gateways are listed (constants.IstioMeshGateway). */
export const MESH = "mesh";

/** The whole name of a gateway that a resource of the namespace lists. */
export function wholeGateway(name: string, namespace: string): string {
  return name === MESH || name.includes("/") ? name : `${namespace}/${name}`;
}
