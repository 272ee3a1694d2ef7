import { expect, it } from "vitest";
import { parse } from "yaml";
import { krmCommand } from "../../src/cli/krm.ts";
import { at, fieldsOf, itemsOf, type Fields } from "../../src/input/loose.ts";

/** What kustomize hands a generator or transformer, and kpt a function. */
const LIST = `
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: reviews
    namespace: default
    annotations: {internal.config.kubernetes.io/path: services.yaml, answer: "yes"}
  spec: {ports: [{name: http, port: 9080}]}
- apiVersion: networking.istio.io/v1
  kind: DestinationRule
  metadata: {name: reviews, namespace: default}
  spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}]}
- apiVersion: cluster-local.dev/v1alpha1
  kind: ClusterLocalPolicy
  metadata: {name: reviews, namespace: default}
  spec: {rules: [{services: [default/reviews], mode: strict}]}
functionConfig:
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: cluster-local}
  data: {clusters: "m1c1,m1c2"}
`;

const GIVEN = fieldsOf(parse(LIST) as unknown);

async function run(text: string, args: Record<string, string> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const command = krmCommand(io, () => text);
  const code = (await command.run!({ args, rawArgs: [], cmd: command } as never)) as number;
  const list = fieldsOf(out.length > 0 ? (parse(out.join("\n")) as unknown) : undefined);
  return { code, text: out.join("\n"), err, items: itemsOf(list.items).map(fieldsOf), list };
}
const titles = (items: Fields[]) =>
  items.map((one) => `${String(one.kind)} ${String(at(one, "metadata", "name"))}`);

it("adds what the policies make, and leaves all else as it is", async () => {
  const { code, items, err, list } = await run(LIST);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  const given = itemsOf(GIVEN.items);
  expect(items.slice(0, 3)).toEqual(given);
  expect(list.functionConfig).toEqual(GIVEN.functionConfig);
  expect(titles(items.slice(3))).toEqual([
    "DestinationRule cluster-local-reviews",
    "EnvoyFilter cluster-local-m1c1",
    "EnvoyFilter cluster-local-m1c2",
  ]);
  expect(
    items
      .slice(3)
      .every((one) => at(one, "metadata", "labels", "app.kubernetes.io/managed-by") === "cluster-local"),
  ).toBe(true);
});

it("gives the same again from the same input, and from its own output", async () => {
  const first = await run(LIST);
  expect((await run(LIST)).text).toBe(first.text);
  expect((await run(first.text)).text).toBe(first.text);
});

it("replaces what it made, with the file that it has, and takes away what nobody asks for any more", async () => {
  const { items, list } = await run(LIST);
  const path = { "internal.config.kubernetes.io/path": "generated/rule.yaml" };
  const moved = items.map((one) =>
    at(one, "metadata", "name") === "cluster-local-reviews"
      ? { ...one, metadata: { ...fieldsOf(one.metadata), annotations: path }, spec: {} }
      : one,
  );
  const again = await run(JSON.stringify({ ...list, items: moved }));
  expect(at(again.items[3], "metadata", "annotations")).toEqual(path);
  expect(at(again.items[3], "spec")).toEqual(items[3]!.spec);
  const off = again.items.map((one) =>
    one.kind === "ClusterLocalPolicy" ? { ...one, spec: { enabled: false } } : one,
  );
  expect(titles((await run(JSON.stringify({ ...list, items: off }))).items)).toEqual([
    ...["Service reviews", "DestinationRule reviews", "ClusterLocalPolicy reviews"],
  ]);
});

it("takes a mesh policy as its configuration, as kustomize's generators have it", async () => {
  const functionConfig = {
    ...{
      apiVersion: "cluster-local.dev/v1alpha1",
      kind: "ClusterLocalMeshPolicy",
      metadata: { name: "mesh" },
    },
    spec: { clusters: ["a"], rules: [{ services: ["default/reviews"], mode: "prefer" }] },
  };
  const list = { ...GIVEN, functionConfig };
  const { items, err } = await run(JSON.stringify(list), { image: "oci://registry.example/filter:1" });
  expect(titles(items)).toContain("WasmPlugin cluster-local");
  expect(err).toEqual(["warning: default/reviews is named by ClusterLocalMeshPolicy mesh, which is older"]);
});

it.each([
  ["kind: Service", 1, /found kind "Service", allowed: "ResourceList"/],
  ["kind: ResourceList\nitems: []", 0, /no policy among the items/],
  [LIST.replace('{clusters: "m1c1,m1c2"}', "{}"), 1, /ids of the mesh's clusters are missing/],
  [LIST.replace("mode: strict", "mode: strickt"), 1, /"strickt"/],
  [LIST.replace("[default/reviews]", "[other/reviews]"), 1, /not of this namespace/],
])("says what is wrong with %#", async (text, code, message) => {
  const found = await run(text);
  expect(found.code).toBe(code);
  expect(found.err.join("\n")).toMatch(message);
});
