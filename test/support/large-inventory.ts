import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What `kubectl get services,endpointslices -A -o yaml` prints in a large mesh, made up. */

export interface LargeMesh {
  services: number;
  clusters: readonly string[];
  /** Each so-manieth service has a VirtualService and a DestinationRule. */
  routed: number;
}

const NAMESPACES = 50;

/** Writes an inventory into a folder: a file for each cluster, and one for the user's Istio resources. */
export function writeLargeInventory(dir: string, mesh: LargeMesh): void {
  mkdirSync(dir, { recursive: true });
  const each = (make: (index: number) => string) => Array.from({ length: mesh.services }, (_, i) => make(i));
  for (const [number, cluster] of mesh.clusters.entries()) {
    const items = [...each((i) => service(i, number)), ...each((i) => endpointSlice(i, number))];
    writeFileSync(join(dir, `${cluster}.yaml`), list(items));
  }
  const routed = Array.from({ length: Math.floor(mesh.services / mesh.routed) }, (_, i) => i * mesh.routed);
  const items = [...routed.map(virtualService), ...routed.map(destinationRule)];
  writeFileSync(join(dir, "istio.yaml"), list(items));
}

function list(items: readonly string[]): string {
  return `apiVersion: v1\nitems:\n${items.join("")}kind: List\nmetadata:\n  resourceVersion: ""\n`;
}

const nameOf = (i: number) => `service-${i}`;
const namespaceOf = (i: number) => `team-${i % NAMESPACES}`;
const uid = (i: number, part: number) =>
  `${(i * 7919 + part).toString(16).padStart(8, "0")}-6c1e-4f0a-9b1d-${i.toString(16).padStart(12, "0")}`;
const ip = (i: number, net: number) => `10.${net}.${(i >> 8) & 255}.${i & 255}`;

function service(i: number, cluster: number): string {
  const applied = JSON.stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata: { annotations: {}, labels: { app: nameOf(i) }, name: nameOf(i), namespace: namespaceOf(i) },
    spec: { ports: [{ name: "http", port: 8080 }], selector: { app: nameOf(i) } },
  });
  return `- apiVersion: v1
  kind: Service
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        ${applied}
    creationTimestamp: "2026-03-14T09:26:53Z"
    labels:
      app: ${nameOf(i)}
      service: ${nameOf(i)}
    name: ${nameOf(i)}
    namespace: ${namespaceOf(i)}
    resourceVersion: "${10_000 + i}"
    uid: ${uid(i, cluster)}
  spec:
    clusterIP: ${ip(i, 96 + cluster)}
    clusterIPs:
    - ${ip(i, 96 + cluster)}
    internalTrafficPolicy: Cluster
    ipFamilies:
    - IPv4
    ipFamilyPolicy: SingleStack
    ports:
    - name: http
      port: 8080
      protocol: TCP
      targetPort: 8080
    - appProtocol: grpc
      name: api
      port: 9090
      protocol: TCP
      targetPort: 9090
    selector:
      app: ${nameOf(i)}
    sessionAffinity: None
    type: ClusterIP
  status:
    loadBalancer: {}
`;
}

function endpointSlice(i: number, cluster: number): string {
  const endpoint = (number: number) => `  - addresses:
    - ${ip(i * 2 + number, 32 + cluster)}
    conditions:
      ready: true
      serving: true
      terminating: false
    nodeName: node-${i % 97}
    targetRef:
      kind: Pod
      name: ${nameOf(i)}-v1-7d4f8b9c6d-${number}abcd
      namespace: ${namespaceOf(i)}
      uid: ${uid(i, 100 + number)}
    zone: zone-${i % 3}
`;
  return `- addressType: IPv4
  apiVersion: discovery.k8s.io/v1
  endpoints:
${endpoint(0)}${endpoint(1)}  kind: EndpointSlice
  metadata:
    annotations:
      endpoints.kubernetes.io/last-change-trigger-time: "2026-03-14T09:27:11Z"
    creationTimestamp: "2026-03-14T09:26:53Z"
    generateName: ${nameOf(i)}-
    generation: 4
    labels:
      app: ${nameOf(i)}
      endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io
      kubernetes.io/service-name: ${nameOf(i)}
      service: ${nameOf(i)}
    name: ${nameOf(i)}-x7k2p
    namespace: ${namespaceOf(i)}
    ownerReferences:
    - apiVersion: v1
      blockOwnerDeletion: true
      controller: true
      kind: Service
      name: ${nameOf(i)}
      uid: ${uid(i, cluster)}
    resourceVersion: "${20_000 + i}"
    uid: ${uid(i, 50 + cluster)}
  ports:
  - name: http
    port: 8080
    protocol: TCP
  - appProtocol: grpc
    name: api
    port: 9090
    protocol: TCP
`;
}

function virtualService(i: number): string {
  return `- apiVersion: networking.istio.io/v1
  kind: VirtualService
  metadata:
    creationTimestamp: "2026-03-14T09:30:00Z"
    generation: 2
    name: ${nameOf(i)}
    namespace: ${namespaceOf(i)}
    resourceVersion: "${30_000 + i}"
    uid: ${uid(i, 200)}
  spec:
    hosts:
    - ${nameOf(i)}
    http:
    - match:
      - uri:
          prefix: /slow
      route:
      - destination:
          host: ${nameOf(i)}
          port:
            number: 8080
          subset: v1
      timeout: 3s
    - route:
      - destination:
          host: ${nameOf(i)}
          subset: v1
        weight: 80
      - destination:
          host: ${nameOf(i)}
          subset: v2
        weight: 20
`;
}

function destinationRule(i: number): string {
  return `- apiVersion: networking.istio.io/v1
  kind: DestinationRule
  metadata:
    creationTimestamp: "2026-03-14T09:30:00Z"
    generation: 1
    name: ${nameOf(i)}
    namespace: ${namespaceOf(i)}
    resourceVersion: "${40_000 + i}"
    uid: ${uid(i, 300)}
  spec:
    host: ${nameOf(i)}
    subsets:
    - labels:
        version: v1
      name: v1
    - labels:
        version: v2
      name: v2
    trafficPolicy:
      loadBalancer:
        simple: LEAST_REQUEST
`;
}
