import { describe, expect, test } from "vitest";
import { validate } from "../../src/index.ts";

const kindOf = (file: string, text: string) => validate([{ file, text }]).files[0]!.kind;

describe("what a file is, its content tells", () => {
  test.each([
    ["a.yaml", "version: 1\nclusters: [m1c1]\nrules: []\n", "policy"],
    ["a.yaml", "version: 1\nrules: []\n", "policy"],
    ["a.json", '{"version": 1, "rules": []}', "plugin configuration"],
    ["a.json", '{"version": 1, "clusters": ["m1c1"], "rules": []}', "policy"],
    ["a.yaml", "version: 1\nlocalCluster: m1c1\nclusters: [m1c1]\n", "plugin configuration"],
    ["a.yaml", "version: 1\nclusters: [{id: m1c1}]\n", "inventory"],
    ["a.yaml", "version: 1\nhealthCheck: {}\n", "inventory"],
    ["a.yaml", "apiVersion: v1\nkind: List\nitems: []\n", "Kubernetes resources"],
    ["a.json", '{"apiVersion":"v1","kind":"List","items":[]}', "Kubernetes resources"],
    ["a.yaml", "hello: world\n", undefined],
    ["a.yaml", "- 1\n", undefined],
    ["a.yaml", "version: [\n", undefined],
    ["a.yaml", "", undefined],
  ])("%s %j: %s", (file, text, kind) => {
    expect(kindOf(file, text)).toBe(kind);
  });
});

test("a plugin configuration is held against the inventory, too", () => {
  const plugin = '{"version": 1, "rules": [{"services": ["default/revews"], "mode": "strict"}]}';
  const mesh =
    'version: 1\nclusters: [{id: m1c1, services: [{service: default/reviews, port: 80, endpoints: ["1.2.3.4:80"]}]}]\n';
  const { errors, warnings } = validate([
    { file: "plugin.json", text: plugin },
    { file: "mesh.yaml", text: mesh },
  ]);
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    {
      code: "CL0304",
      ...{ file: "plugin.json", path: "rules[0].services[0]", line: 1, col: 40 },
      message: '"default/revews" matches no service of the inventory',
      hint: 'did you mean "default/reviews"?',
    },
  ]);
});

test("a wrong inventory does not keep the policy from being checked", () => {
  const { errors } = validate([
    { file: "policy.yaml", text: "version: 1\nclusters: [a]\nrules: [{services: [x], mode: strict}]\n" },
    { file: "mesh.yaml", text: "version: 2\nclusters: [{id: a}]\n" },
  ]);
  expect(errors.map(({ file, path }) => [file, path])).toEqual([
    ["policy.yaml", "rules[0].services[0]"],
    ["mesh.yaml", "version"],
  ]);
});

describe("validate knows what explain and generate know of Istio", () => {
  const policy = (clusters: string) => ({
    file: "policy.yaml",
    text: `version: 1\nclusters: [${clusters}]\nrules: [{services: [default/reviews], mode: strict}]\n`,
  });
  const mesh = (cluster: string, port = "http") => ({
    file: `inv/${cluster}.yaml`,
    place: cluster,
    text: `
apiVersion: v1
kind: Service
metadata: {name: reviews, namespace: default}
spec: {ports: [{name: http, port: 9080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: reviews-${cluster}, namespace: default, labels: {kubernetes.io/service-name: reviews}}
endpoints: [{addresses: [10.0.0.1]}]
ports: [{name: ${port}, port: 9080}]
`,
  });
  const istio = (destination: string) => ({
    file: "inv/istio.yaml",
    place: "istio",
    text: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: reviews, namespace: default}
spec: {hosts: [reviews], http: [{route: [{destination: ${destination}}]}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews, namespace: default}
spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}]}
`,
  });
  const warned = (...files: { file: string; text: string; place?: string }[]) => {
    const { errors, warnings } = validate(files);
    expect(errors).toEqual([]);
    return warnings.map(({ message, hint = "" }) => `${message} ${hint}`);
  };
  const both = [mesh("m1c1"), mesh("m1c2")];

  test.for([
    ["{host: reviews, subset: v2}", 'found "v2", allowed: a subset', 'the nearest is "v1"'],
    ["{host: review}", 'found "review", allowed: a service of the inventory', 'the nearest is "reviews"'],
    ["{host: reviews, port: {number: 9081}}", "allowed: port 9080 of reviews", 'the nearest is "9080"'],
  ] as const)("a route to %s", ([destination, found, hint]) => {
    const all = warned(policy("m1c1, m1c2"), ...both, istio(destination));
    expect(all).toContainEqual(expect.stringContaining(found));
    expect(all).toContainEqual(expect.stringContaining(hint));
  });

  test("a good route says nothing", () => {
    expect(warned(policy("m1c1, m1c2"), ...both, istio("{host: reviews, subset: v1}"))).toEqual([]);
  });

  test("a port that a cluster calls otherwise", () => {
    expect(warned(policy("m1c1, m1c2"), mesh("m1c1"), mesh("m1c2", "http-web"))).toEqual([
      expect.stringContaining('the endpoints of default/reviews in m1c2 have no port "http"'),
    ]);
  });

  test("a cluster that the policy does not list", () => {
    const { errors } = validate([policy("m1c1, m1c2"), ...both, mesh("m1c3")]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('a cluster "m1c3" that is not listed'),
    ]);
  });
});
