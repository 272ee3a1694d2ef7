/** A kind of objects that the controller reads. */
export interface Kind {
  apiVersion: string;
  kind: string;
  plural: string;
}

const NETWORKING = "networking.istio.io/v1";
const GATEWAY = "gateway.networking.k8s.io/v1";
const kind = (apiVersion: string, kind: string, plural: string): Kind => ({ apiVersion, kind, plural });

/** In every cluster: the services and who is ready to serve them. */
export const SERVICES = [
  kind("v1", "Service", "services"),
  kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"),
];

/** In every cluster, where rules name callers: whose pods have which labels. */
export const WORKLOADS = [
  kind("apps/v1", "Deployment", "deployments"),
  kind("apps/v1", "StatefulSet", "statefulsets"),
  kind("apps/v1", "DaemonSet", "daemonsets"),
];

/** In the config cluster, where Istio reads its own. */
export const ROUTES = [
  kind(NETWORKING, "VirtualService", "virtualservices"),
  kind(NETWORKING, "ServiceEntry", "serviceentries"),
  kind(NETWORKING, "Gateway", "gateways"),
  kind(NETWORKING, "Sidecar", "sidecars"),
  kind(GATEWAY, "HTTPRoute", "httproutes"),
  kind(GATEWAY, "GRPCRoute", "grpcroutes"),
];

/** Of which there are some of ours, in the order in which a mesh should get them: subsets, routes to them, the filter. */
export const MADE = [
  kind(NETWORKING, "DestinationRule", "destinationrules"),
  kind("networking.istio.io/v1alpha3", "EnvoyFilter", "envoyfilters"),
  kind("extensions.istio.io/v1alpha1", "WasmPlugin", "wasmplugins"),
  kind("extensions.istio.io/v1alpha1", "TrafficExtension", "trafficextensions"),
];

/** The path of a kind's list, in one namespace or in all. */
export function listPath({ apiVersion, plural }: Kind, namespace?: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}
