import { readDocuments } from "../../../src/inventory/kubernetes/documents.ts";
import { readInventory } from "../../../src/inventory/kubernetes/model.ts";
import type { InventoryFile } from "../../../src/inventory/kubernetes/read.ts";
import { orThrow } from "../../../src/input/problem.ts";
import { parsePolicy } from "../../../src/policy/policy.ts";
import { generateIstio, type IstioOutput } from "../../../src/targets/istio/index.ts";
import type { IstioOptions } from "../../../src/targets/istio/options.ts";
import type { Resource } from "../../../src/targets/istio/resource.ts";

const OPTIONS: IstioOptions = {
  ...{ routing: "auto", pluginApi: "wasmplugin", image: undefined, failClosed: false },
  rootNamespace: "istio-system",
};

/** Generates for the clusters east and west. `rules` is the policy's, in YAML's flow style. */
export function generated(
  rules: string,
  inventory: string | readonly InventoryFile[],
  options: Partial<IstioOptions> = {},
  more = "",
): IstioOutput {
  const text = `version: 1\nclusters: [east, west]\n${more}rules: ${rules}\n`;
  const policy = orThrow(parsePolicy(text, "policy.yaml"));
  const files = typeof inventory === "string" ? [{ file: "mesh.yaml", text: inventory }] : inventory;
  const read = readInventory(files, policy.clusters, policy.clusterDomain);
  if (read.problems.length > 0) throw new Error(JSON.stringify(read.problems));
  return generateIstio(policy, read.inventory, { ...OPTIONS, ...options });
}

/** A Service, with the port 80 for HTTP unless told otherwise. */
export function service(
  name: string,
  ports = "{name: http, port: 80}",
  more = "",
  namespace = "default",
): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {clusterIP: 10.0.0.1, ports: [${ports}], selector: {app: ${name}}${more}}
`;
}

/** An object of Istio's. */
export function istio(kind: string, name: string, spec: string, metadata = ""): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: default${metadata}}
spec: ${spec}
`;
}

interface Patch {
  applyTo: string;
  match: {
    context: string;
    proxy: { proxyVersion?: string; metadata: Record<string, string> };
    cluster?: { name?: string; service?: string; subset?: string };
    routeConfiguration?: { vhost: { name: string; route: { name?: string; action: string } } };
  };
  patch: { operation: string; value?: { route?: Record<string, unknown>; name?: string } };
}

/** The patches of a cluster's proxies. */
export function patches({ resources }: Pick<IstioOutput, "resources">, cluster = "east"): Patch[] {
  return resources
    .filter(
      ({ kind, metadata }) => kind === "EnvoyFilter" && metadata.name.startsWith(`cluster-local-${cluster}`),
    )
    .flatMap(({ spec }) => spec.configPatches as Patch[]);
}

/** `reviews.default.svc.cluster.local:80 main -> outbound|80|cl-east|...`, one for each route; `(choice)` for a matcher. */
export function routes(output: Pick<IstioOutput, "resources">, context = "SIDECAR_OUTBOUND"): string[] {
  return patches(output)
    .filter((one) => one.applyTo === "HTTP_ROUTE" && one.match.context === context)
    .map(({ match, patch }) => {
      const { name, route } = match.routeConfiguration!.vhost;
      const to = (patch.value!.route!.cluster as string | undefined) ?? "(choice)";
      return `${name} ${route.name ?? "(all)"} -> ${to}`;
    });
}

export function named({ resources }: Pick<IstioOutput, "resources">, kind: string): Resource[] {
  return resources.filter((one) => one.kind === kind);
}

/** The subsets of a DestinationRule, by name. */
export function subsets({ spec }: Resource): Record<string, Record<string, string>> {
  const all = spec.subsets as { name: string; labels: Record<string, string> }[];
  return Object.fromEntries(all.map(({ name, labels }) => [name, labels]));
}

/** The objects of a text, edited. */
export function edited(text: string, edit: (object: Record<string, never>) => void): string {
  return readDocuments(text, "mesh.yaml")
    .values.map((one) => {
      edit(one as Record<string, never>);
      return `---\n${JSON.stringify(one)}\n`;
    })
    .join("");
}
