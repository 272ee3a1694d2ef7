import type { Problem } from "../../input/problem.ts";
import { serviceHost } from "../../inventory/kubernetes/hosts.ts";
import { fieldsOf, itemsOf, textOf, type Fields } from "../../input/loose.ts";
import { problemOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import { gatewayCallers, pinsAtGateways } from "./gateways.ts";
import type { Mesh } from "./mesh.ts";

/**
 * Routes of the Gateway API that lead retained requests. Istio makes a VirtualService of each (convertHTTPRoute in
 * pilot/pkg/config/kube/gateway), beside which one of ours for the same host would be ignored. Nothing can be woven into the
 * route itself: its backendRefs name services, never a part of one.
 */
export function gatewayApiRoutes(mesh: Mesh): { problems: Problem[]; warnings: Problem[] } {
  const { inventory, options, policy } = mesh;
  const native = options.routing === "native";
  if (native && options.native === "cluster-local") return { problems: [], warnings: [] };
  const hosts = new Set(mesh.governed.filter((one) => one.pinned).map(({ service }) => service.host));
  const atGateways = !native && pinsAtGateways(policy, gatewayCallers(inventory, options.rootNamespace));
  const found = inventory.routes.map((route) => {
    const path = pathToRetained(route, hosts, atGateways, policy.clusterDomain);
    if (path === undefined) return { problems: [], warnings: [] };
    if (options.routing === "envoy-filter") return givenUp(route);
    const message = `leads to a retained service, and backendRefs cannot name its part in a cluster; allowed: a VirtualService in place of this ${route.kind} (or --routing envoy-filter, or native)`;
    return { problems: [problemOf(route, path, message)], warnings: [] };
  });
  return {
    problems: found.flatMap(({ problems }) => problems),
    warnings: found.flatMap(({ warnings }) => warnings),
  };
}

/** Where a route that proxies with the filter obey names a retained service. */
function pathToRetained(
  route: KubeObject,
  hosts: ReadonlySet<string>,
  atGateways: boolean,
  domain: string,
): string | undefined {
  const isRetained = (ref: Fields) =>
    hosts.has(serviceHost(textOf(ref.namespace) ?? route.namespace, textOf(ref.name) ?? "", domain));
  const parents = itemsOf(route.spec.parentRefs).map(fieldsOf);
  const inMesh = parents.findIndex((ref) => ref.kind === "Service" && isRetained(ref));
  if (inMesh >= 0) return `spec.parentRefs[${inMesh}]`;
  if (!atGateways && !parents.some(({ kind }) => kind === "Service")) return undefined;
  for (const [index, rule] of rulesOf(route).entries()) {
    const backend = itemsOf(rule.backendRefs)
      .map(fieldsOf)
      .findIndex((ref) => (ref.kind ?? "Service") === "Service" && isRetained(ref));
    if (backend >= 0) return `spec.rules[${index}].backendRefs[${backend}]`;
  }
  return undefined;
}

/** Without these a request goes elsewhere, or as another one. */
const CHANGES = ["RequestRedirect", "URLRewrite"];

/** What `--routing envoy-filter` takes from a route: backends and weights stay, and all else goes. */
function givenUp(route: KubeObject): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  rulesOf(route).forEach((rule, index) => {
    const lost = ["timeouts", "retry", "sessionPersistence"].filter((field) => rule[field] !== undefined);
    itemsOf(rule.filters)
      .map(fieldsOf)
      .forEach(({ type }, number) => {
        if (typeof type !== "string") return;
        if (!CHANGES.includes(type)) return void lost.push(type);
        const message = `${type} does not apply to retained requests, allowed with --routing envoy-filter: none (use a VirtualService and --routing virtual-service)`;
        problems.push(problemOf(route, `spec.rules[${index}].filters[${number}]`, message));
      });
    if (lost.length === 0) return;
    const message = `does not apply to retained requests with --routing envoy-filter: ${lost.join(", ")}`;
    warnings.push(problemOf(route, `spec.rules[${index}]`, message));
  });
  return { problems, warnings };
}

function rulesOf({ spec }: KubeObject): Fields[] {
  return itemsOf(spec.rules).map(fieldsOf);
}
