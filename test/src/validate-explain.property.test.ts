import fc from "fast-check";
import { expect, test } from "vitest";
import { explain, orThrow, parsePolicy, readInventory, validate } from "../../src/index.ts";

/**
 * What explain answers with an error for every request, validate says beforehand: in small meshes with routes to what is there
 * and to what is not, versions, delegates, and clusters that lack endpoints or call their ports otherwise.
 */
const CLUSTERS = ["m1c1", "m1c2"];

type Endpoints = "ready" | "not ready" | "none" | "another port";
interface Mesh {
  mode: "strict" | "prefer";
  rule: "a" | "b" | "*";
  endpoints: Endpoints[];
  versions: string[];
  host: string;
  port: number | undefined;
  subset: string | undefined;
  delegated: "no" | "there" | "nowhere";
}

const meshes: fc.Arbitrary<Mesh> = fc.record({
  mode: fc.constantFrom("strict", "prefer"),
  rule: fc.constantFrom("a", "b", "*"),
  endpoints: fc.array(fc.constantFrom<Endpoints>("ready", "ready", "not ready", "none", "another port"), {
    minLength: 2,
    maxLength: 2,
  }),
  versions: fc.array(fc.constantFrom("v1", "v2"), { minLength: 2, maxLength: 2 }),
  host: fc.constantFrom("a", "b", "b.default.svc.cluster.local", "c", "d.default.svc.cluster.local"),
  port: fc.constantFrom(undefined, 80, 8080, 81),
  subset: fc.constantFrom(undefined, undefined, "v1", "v2", "v3"),
  delegated: fc.constantFrom("no", "no", "there", "nowhere"),
});

const service = (name: string, port: number) => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec: {ports: [{name: http, port: ${port}}]}
`;

function clusterOf({ endpoints, versions }: Mesh, index: number): string {
  const slices = ["a", "b"].map((name, number) => {
    const found = endpoints[index]!;
    if (found === "none") return "\n";
    return `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, namespace: default, labels: {kubernetes.io/service-name: ${name}}}
endpoints: [{addresses: [10.${index}.${number}.1], conditions: {ready: ${found !== "not ready"}}, targetRef: {kind: Pod, name: ${name}-1}}]
ports: [{name: ${found === "another port" ? "web" : "http"}, port: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}-1, namespace: default, labels: {version: ${versions[index]}}}
`;
  });
  // Of a cluster with one EndpointSlice all endpoints are known.
  const other = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: other, namespace: default, labels: {kubernetes.io/service-name: other}}
endpoints: []
`;
  return [service("a", 80), service("b", 8080), ...slices, other].join("---\n");
}

function routesOf({ host, port, subset, delegated }: Mesh): string {
  const destination = `{host: ${host}${port === undefined ? "" : `, port: {number: ${port}}`}${subset === undefined ? "" : `, subset: ${subset}`}}`;
  const route = `{route: [{destination: ${destination}}]}`;
  const virtualService = (name: string, spec: string) =>
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}, namespace: default}\nspec: ${spec}\n`;
  const rule = (of: string) =>
    `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${of}, namespace: default}\nspec: {host: ${of}, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}\n`;
  const top = delegated === "no" ? route : `{delegate: {name: ${delegated === "there" ? "more" : "mor"}}}`;
  return [
    rule("a"),
    rule("b"),
    virtualService("a", `{hosts: [a], http: [${top}]}`),
    virtualService("more", `{http: [${route}]}`),
  ].join("---\n");
}

test("validate says what explain answers with an error", { timeout: 120_000 }, () => {
  let refused = 0;
  let answered = 0;
  fc.assert(
    fc.property(meshes, (mesh) => {
      const text = `version: 1\nclusters: [m1c1, m1c2]\nrules: [{services: ["${mesh.rule === "*" ? "*" : `default/${mesh.rule}`}"], mode: ${mesh.mode}}]\n`;
      const files = [
        ...CLUSTERS.map((cluster, index) => ({
          file: `${cluster}.yaml`,
          text: clusterOf(mesh, index),
          cluster,
          place: cluster,
        })),
        { file: "istio.yaml", text: routesOf(mesh), cluster: undefined, place: "istio" },
      ];
      const policy = orThrow(parsePolicy(text, "policy.yaml"));
      const { inventory } = readInventory(files, CLUSTERS, "cluster.local");
      const { errors, warnings } = validate([{ file: "policy.yaml", text }, ...files]);
      expect(errors).toEqual([]);
      for (const cluster of CLUSTERS) {
        const caller = { namespace: "default", workload: "page" };
        const { status, notes, summary } = explain(policy, { cluster, caller, host: "a" }, inventory);
        if (status === undefined) answered++;
        else {
          refused++;
          // Of services that no rule is for, validate does not say that they have no endpoints.
          const known = warnings.length > 0 || notes.length === 0;
          expect({ summary, notes, known }).toEqual({ summary, notes, known: true });
        }
      }
    }),
    { numRuns: 150 },
  );
  // Both happen often, or the meshes are not what they should be.
  expect(refused).toBeGreaterThan(40);
  expect(answered).toBeGreaterThan(20);
});
