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
    ["(standard input)", '{"version": 1, "pin": {"via": "route"}}', "plugin configuration"],
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
