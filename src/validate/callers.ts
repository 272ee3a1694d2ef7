import { didYouMean } from "../input/nearest.ts";
import type { Finding, Problem } from "../input/problem.ts";
import { at } from "../input/loose.ts";
import { problemOf, titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import { admitsCaller } from "../policy/conditions.ts";
import { kept, ofKind, type Known } from "./known.ts";

/** The kinds whose names sidecars have as WORKLOAD_NAME. */
const WORKLOADS = ["Deployment", "StatefulSet", "DaemonSet"];

/** Callers of rules, and namespaces of the override, that the inventory has nothing of. */
export function strayCallers(known: Known): Finding[] {
  const { policy, inventory, gateways } = known.mesh;
  const workloads = ofKind(known, "apps", ...WORKLOADS);
  if (workloads.length === 0) return [];
  const names = new Set(workloads.map(({ namespace, name }) => `${namespace}/${name}`));
  // Jobs, Rollouts and what else there is show in the names of their pods.
  const pods = [...inventory.pods.keys()].map((key) => key.slice(key.indexOf(" ") + 1));
  const is = (caller: string) => {
    const [namespace, workload] = caller.split("/") as [string, string];
    const admits = (name: string) => {
      const [of, one] = name.split("/") as [string, string];
      return admitsCaller({ callers: [caller] }, { namespace: of, workload: one });
    };
    return (
      [...names].some(admits) ||
      gateways.includes(caller) ||
      admitsCaller({ callers: [...gateways] }, { namespace, workload }) ||
      (workload === "*" && [...inventory.namespaces].some((one) => admits(`${one}/x`))) ||
      pods.some((pod) => pod.startsWith(`${namespace}/${workload.replace(/\*$/, "")}-`))
    );
  };
  const ofRules = policy.rules.flatMap(({ callers = [] }, rule) =>
    callers.map((text, index) => ({ text, path: ["rules", rule, "callers", index] })),
  );
  const from = (policy.override?.from ?? []).map((text, index) => ({
    ...{ text, path: ["override", "from", index] },
  }));
  return [
    ...ofRules
      .filter(({ text }) => !is(text))
      .map(({ text, path }): Finding => ({
        ...{ code: "CL0306", path, message: `${JSON.stringify(text)} matches no workload of the inventory` },
        hint: didYouMean(text, names),
      })),
    ...from
      .filter(({ text }) => !inventory.namespaces.has(text))
      .map(({ text, path }): Finding => ({
        ...{ code: "CL0306", path, message: `${JSON.stringify(text)} is a namespace without workloads` },
        hint: didYouMean(text, inventory.namespaces),
      })),
  ];
}

const AMBIENT = "istio.io/dataplane-mode";
const GLOBAL = "istio.io/global";

/**
 * Callers of the ambient mesh, who have no sidecar, and services of which sidecars are told the endpoints of their own cluster
 * alone where ambient spans networks (filterIstioEndpoint in pilot/pkg/xds/endpoints/endpoint_builder.go).
 */
export function ambient(known: Known): Problem[] {
  const { objects, mesh } = known;
  const acting = mesh.policy.rules.filter(({ mode }) => mode === "strict" || mode === "prefer");
  const reached = objects.filter((one) => {
    if (!isAmbient(one)) return false;
    const namespace = one.kind === "Namespace" ? one.name : one.namespace;
    return acting.some(
      ({ callers }) =>
        callers?.some((caller) => {
          const of = caller.slice(0, caller.indexOf("/"));
          return of.endsWith("*") ? namespace.startsWith(of.slice(0, -1)) : of === namespace;
        }) ?? true,
    );
  });
  const places = distinct(reached).map((one) => {
    const message = `its pods are in the ambient mesh and have no sidecar: nothing keeps the requests that they send`;
    return problemOf("CL0704", one, "metadata.labels", message);
  });
  const spans = objects.some(({ kind, labels }) => kind === "Service" && labels[GLOBAL] !== undefined);
  if (!spans) return places;
  const prefers = new Set(
    mesh.governed.filter(({ prefer }) => prefer).map(({ service }) => `${service.namespace}/${service.name}`),
  );
  const local = ofKind(known, "", "Service").filter(
    ({ namespace, name, labels }) => prefers.has(`${namespace}/${name}`) && labels[GLOBAL] !== "true",
  );
  const message = `lacks ${GLOBAL}, which other Services have: where ambient spans networks, sidecars are told its endpoints in their own cluster alone, so that prefer never leaves`;
  return [...places, ...distinct(local).map((one) => problemOf("CL0704", one, "metadata.labels", message))];
}

function isAmbient({ kind, labels, spec }: KubeObject): boolean {
  if (kind === "Namespace") return labels[AMBIENT] === "ambient";
  return WORKLOADS.includes(kind) && at(spec, "template", "metadata", "labels", AMBIENT) === "ambient";
}

/** Clusters each have a copy: the first of each. */
function distinct(objects: readonly KubeObject[]): KubeObject[] {
  const seen = new Set<string>();
  return objects.filter((one) => {
    const title = titleOf(one);
    return !seen.has(title) && seen.add(title);
  });
}

const CHOICES: [field: string, chosen: (service: KubeObject) => string | undefined, means: string][] = [
  [
    "spec.internalTrafficPolicy",
    ({ spec }) => (spec.internalTrafficPolicy === "Local" ? "Local" : undefined),
    "sidecars get only the endpoints of their own node: strict answers 503 where the node has none, and prefer never leaves it",
  ],
  [
    "spec.trafficDistribution",
    ({ spec, annotations }) =>
      (spec.trafficDistribution as string | undefined) ??
      annotations["networking.istio.io/traffic-distribution"],
    "endpoints near to the caller come first, in its own cluster, too: load is not spread over the cluster",
  ],
];

/** Services that choose among their endpoints themselves (pilot/pkg/serviceregistry/kube/conversion.go). */
export function choosing(known: Known): Problem[] {
  const names = new Set(kept(known).map(({ namespace, name }) => `${namespace}/${name}`));
  const services = ofKind(known, "", "Service").filter(({ namespace, name }) =>
    names.has(`${namespace}/${name}`),
  );
  return CHOICES.flatMap(([field, chosen, means]) =>
    distinct(services.filter((service) => chosen(service) !== undefined)).map((service) =>
      problemOf("CL0703", service, field, `found ${JSON.stringify(chosen(service))}: ${means}`),
    ),
  );
}
