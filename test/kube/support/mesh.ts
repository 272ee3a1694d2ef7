import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { definitions } from "../../../src/controller/crd/definitions.ts";
import { rights } from "../../../src/controller/manifests.ts";
import { asKubeError, type Kube } from "../../../src/kube/client.ts";
import { fieldsOf, itemsOf, type Fields } from "../../../src/input/loose.ts";
import { ApiServer, type User } from "./api-server.ts";
import { istioModule } from "./build.ts";
import { eventually } from "./process.ts";

/** The clusters m1c1, which has Istio's configuration, and m1c2. */
export interface TestMesh {
  m1c1: ApiServer;
  m1c2: ApiServer;
  /** Of an administrator. */
  one: Kube;
  two: Kube;
  stop: () => Promise<void>;
}

/**
 * @param remoteUser whose kubeconfig the remote secret of m1c2 has: istiod reads more of a cluster than the controller does
 */
export async function startMesh(remoteUser: User = "controller"): Promise<TestMesh> {
  const [m1c1, m1c2] = await Promise.all([ApiServer.start("m1c1"), ApiServer.start("m1c2")]);
  const [one, two] = [await m1c1.client("admin"), await m1c2.client("admin")];
  await installCrds(one, [...(await istioCrds()), ...definitions()]);
  for (const kube of [one, two]) {
    await apply(kube, namespace("istio-system"));
    for (const right of rights({ namespace: "istio-system", rootNamespace: "istio-system" }))
      await apply(kube, forUser(right));
  }
  await apply(one, {
    ...{ apiVersion: "v1", kind: "Secret", stringData: { m1c2: m1c2.kubeconfig(remoteUser) } },
    metadata: { name: "m1c2", namespace: "istio-system", labels: { "istio/multiCluster": "true" } },
  });
  const stop = async () => {
    await Promise.all([m1c1.stop(), m1c2.stop()]);
  };
  return { m1c1, m1c2, one, two, stop };
}

/** The rights of the Deployment's account, for the test's user. */
function forUser(right: Fields): Fields {
  if (right.subjects === undefined) return right;
  return {
    ...right,
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "controller" }],
  };
}

async function istioCrds(): Promise<Fields[]> {
  const file = join(await istioModule(), "manifests/charts/base/files/crd-all.gen.yaml");
  const documents = parseAllDocuments(readFileSync(file, "utf8"));
  return [...documents].map((one) => fieldsOf(one.toJS())).filter(({ kind }) => kind !== undefined);
}

async function installCrds(kube: Kube, crds: readonly Fields[]): Promise<void> {
  await Promise.all(crds.map((one) => apply(kube, one)));
  const isServed = (one: Fields) => {
    const { group, names, versions } = fieldsOf(one.spec);
    const version = String(fieldsOf(itemsOf(versions)[0]).name);
    return kube.request("GET", `/apis/${String(group)}/${version}/${String(fieldsOf(names).plural)}?limit=1`);
  };
  // The API server makes the schemas of all of them first, which is work for a busy machine.
  const patience = { withinMs: 180_000, everyMs: 200 };
  await Promise.all(crds.map((one) => eventually(`${nameOf(one)} is served`, () => isServed(one), patience)));
}

const nameOf = ({ metadata }: Fields) => String(fieldsOf(metadata).name);

const PLURALS: Record<string, string> = {
  EndpointSlice: "endpointslices",
  PeerAuthentication: "peerauthentications",
  ServiceEntry: "serviceentries",
  ClusterLocalPolicy: "clusterlocalpolicies",
  ClusterLocalMeshPolicy: "clusterlocalmeshpolicies",
};

/** Where an object is. */
export function pathOf({ apiVersion, kind, metadata }: Fields): string {
  const { namespace, name } = fieldsOf(metadata) as { namespace?: string; name: string };
  const root = String(apiVersion).includes("/")
    ? `/apis/${String(apiVersion)}`
    : `/api/${String(apiVersion)}`;
  const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
  const plural = PLURALS[String(kind)] ?? `${String(kind).toLowerCase()}s`;
  return `${root}${scope}/${plural}/${name}`;
}

/** A condition of a policy, once it has the reason and is about the policy as it is now; the error says what it was instead. */
export function condition(
  kube: Kube,
  object: Fields,
  type: string,
  reason: string,
  withinMs = 60_000,
): Promise<Fields> {
  const look = async () => {
    const { status, metadata } = (await get(kube, object)) ?? {};
    const all = itemsOf(fieldsOf(status).conditions).map(fieldsOf);
    const found = all.find((one) => one.type === type);
    const isNow = found?.observedGeneration === fieldsOf(metadata).generation;
    if (found?.reason !== reason || !isNow) throw new Error(JSON.stringify(all));
    return found;
  };
  return eventually(`${type} of ${nameOf(object)} is ${reason}`, look, { withinMs, everyMs: 20 });
}

const OURS = "&labelSelector=cluster-local.dev%2Fpolicy-uid";
const MADE = [
  "networking.istio.io/v1/destinationrules",
  "networking.istio.io/v1alpha3/envoyfilters",
  "extensions.istio.io/v1alpha1/wasmplugins",
];

/** The objects that the controller made. */
export async function made(kube: Kube): Promise<Fields[]> {
  const lists = await Promise.all(MADE.map((path) => kube.list(`/apis/${path}`, OURS)));
  return lists.flatMap(({ items }) => items);
}

/** As somebody with a field manager of their own. */
export function apply(kube: Kube, object: Fields, manager = "somebody"): Promise<Fields> {
  return kube.apply(pathOf(object), object, manager);
}

export function get(kube: Kube, object: Fields): Promise<Fields | undefined> {
  return kube.request("GET", pathOf(object)).catch((error: unknown) => {
    if (asKubeError(error).status === 404) return undefined;
    throw error;
  });
}

export async function remove(kube: Kube, object: Fields): Promise<void> {
  await kube.request("DELETE", pathOf(object)).catch((error: unknown) => {
    if (asKubeError(error).status !== 404) throw error;
  });
}

export function namespace(name: string): Fields {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

export function service(ns: string, name: string, port = 9080): Fields {
  return {
    ...{ apiVersion: "v1", kind: "Service", metadata: { name, namespace: ns } },
    spec: { selector: { app: name }, ports: [{ name: "http", port, protocol: "TCP" }] },
  };
}

/** The endpoints of a service: nobody but the test writes them. */
export function endpoints(ns: string, name: string, addresses: readonly string[], port = 9080): Fields {
  return {
    ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", addressType: "IPv4" },
    metadata: { name: `${name}-1`, namespace: ns, labels: { "kubernetes.io/service-name": name } },
    ports: [{ name: "http", port, protocol: "TCP" }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  };
}

/** Services of a cluster (`namespace/name`), with one ready endpoint each. */
export async function populate(kube: Kube, ...services: string[]): Promise<void> {
  for (const one of services) {
    const [ns, name] = one.split("/") as [string, string];
    if (ns !== "default") await apply(kube, namespace(ns));
    await apply(kube, service(ns, name));
    await apply(kube, endpoints(ns, name, ["10.1.0.1"]));
  }
}

/** What examples/controller and the tests of policies have in both clusters. */
export const SHOP = ["default/reviews", "default/ratings", "shop/cart"];

export function policy(ns: string | undefined, name: string, spec: Fields): Fields {
  return {
    apiVersion: "cluster-local.dev/v1alpha1",
    kind: ns === undefined ? "ClusterLocalMeshPolicy" : "ClusterLocalPolicy",
    metadata: { name, ...(ns !== undefined && { namespace: ns }) },
    spec,
  };
}
