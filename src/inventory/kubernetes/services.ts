import { serviceHost } from "./hosts.ts";
import { fieldsOf, itemsOf, textOf } from "../../input/loose.ts";
import type { KubeObject } from "./object.ts";
import { portKind, type PortKind } from "./protocol.ts";

export interface ServicePort {
  name: string;
  number: number;
  kind: PortKind;
  /** Istio has no Envoy cluster for it. */
  udp?: boolean;
  /** The same number is for UDP, too. */
  besideUdp?: boolean;
}

/** A Kubernetes service of the mesh: the same namespace and name in several clusters is one. */
export interface KubeService {
  namespace: string;
  name: string;
  /** Its whole name, in lower case. */
  host: string;
  ports: ServicePort[];
  /** Only another name for a host. */
  external: boolean;
  /** The host that it is another name for, in lower case. */
  externalName?: string | undefined;
  /** Without an address of its own: callers look up its endpoints and choose. */
  headless: boolean;
  /** Sidecars get only the endpoints of their own node (internalTrafficPolicy). */
  nodeLocal?: boolean;
  selector: Record<string, unknown>;
  /** How many ready endpoints it has, by cluster; a cluster whose endpoints are not known is left out. */
  endpoints: Map<string, number>;
  /** Its EndpointSlices. */
  slices: KubeObject[];
}

/** Merges the services of all clusters and counts their endpoints. */
export function readServices(
  objects: readonly KubeObject[],
  clusters: readonly string[],
  domain: string,
): Map<string, KubeService> {
  const services = new Map<string, KubeService>();
  for (const object of objects) {
    if (object.kind !== "Service" || object.apiVersion !== "v1") continue;
    const host = serviceHost(object.namespace, object.name, domain);
    const known = services.get(host);
    if (known) {
      addPorts(known, object);
      known.headless ||= object.spec.clusterIP === "None";
      if (isNodeLocal(object)) known.nodeLocal = true;
    } else services.set(host, newService(object, host));
  }
  countEndpoints(objects, services, clusters, domain);
  return services;
}

function newService(object: KubeObject, host: string): KubeService {
  const { namespace, name, spec } = object;
  const service: KubeService = {
    ...{ namespace, name, host, ports: [], endpoints: new Map(), slices: [] },
    external: spec.type === "ExternalName",
    externalName: spec.type === "ExternalName" ? textOf(spec.externalName)?.toLowerCase() : undefined,
    headless: spec.clusterIP === "None",
    ...(isNodeLocal(object) && { nodeLocal: true }),
    selector: fieldsOf(spec.selector),
  };
  addPorts(service, object);
  return service;
}

function isNodeLocal({ spec }: KubeObject): boolean {
  return spec.internalTrafficPolicy === "Local";
}

function addPorts({ ports }: KubeService, { spec }: KubeObject): void {
  for (const port of itemsOf(spec.ports).map(fieldsOf)) {
    const number = Number(port.port);
    const udp = port.protocol === "UDP";
    const at = ports.findIndex((known) => known.number === number);
    // DNS has both on one number: what sidecars see of it is TCP.
    if (at >= 0 && udp && ports[at]!.udp !== true) ports[at]!.besideUdp = true;
    if (at >= 0 && (udp || ports[at]!.udp !== true)) continue;
    const name = textOf(port.name) ?? "";
    const kind = portKind(name, number, textOf(port.appProtocol), textOf(port.protocol));
    const read = { name, number, kind, ...(udp && { udp }), ...(at >= 0 && { besideUdp: true }) };
    if (at >= 0) ports[at] = read;
    else ports.push(read);
  }
  ports.sort((a, b) => a.number - b.number);
}

/** A cluster of which any EndpointSlice is there is one whose endpoints are known. */
function countEndpoints(
  objects: readonly KubeObject[],
  services: Map<string, KubeService>,
  clusters: readonly string[],
  domain: string,
): void {
  const slices = objects.filter(({ kind }) => kind === "EndpointSlice");
  const known = clusters.filter((id) => slices.some(({ cluster }) => cluster === id));
  for (const service of services.values()) for (const id of known) service.endpoints.set(id, 0);
  for (const slice of slices) {
    const { namespace, labels, fields, cluster } = slice;
    const name = labels["kubernetes.io/service-name"];
    const service = name === undefined ? undefined : services.get(serviceHost(namespace, name, domain));
    service?.slices.push(slice);
    if (!service || cluster === undefined) continue;
    const ready = itemsOf(fields.endpoints).filter(
      (one) => fieldsOf(fieldsOf(one).conditions).ready !== false,
    );
    service.endpoints.set(cluster, (service.endpoints.get(cluster) ?? 0) + ready.length);
  }
}
