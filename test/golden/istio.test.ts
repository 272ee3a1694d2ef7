import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDocuments } from "../../src/inventory/kubernetes/documents.ts";
import { run } from "../../src/cli/run.ts";
import { casesIn, filesIn, golden, orphansIn, type GoldenCase, type Output } from "./golden.ts";

/**
 * The parts of a case: `policy`; `args`, a list of options; and all others are files of the inventory by the name of the
 * part, which is the cluster's where it is `east` or `west`.
 */
describe.each(["istio", "istio-errors"])("generate %s", (folder) => {
  const dir = join(import.meta.dirname, folder);

  test.each(casesIn(dir).map((golden) => [golden.name, golden] as const))("%s", async (_, aCase) => {
    const output = await generate(aCase);
    expect(Object.fromEntries(output)).toEqual(Object.fromEntries(golden(aCase, output)));
  });

  test("every golden has a case", () => {
    expect(orphansIn(dir)).toEqual([]);
  });
});

describe("what is generated, taken for an inventory again", () => {
  const dir = join(import.meta.dirname, "istio");

  test.each(casesIn(dir).map((golden) => [golden.name, golden] as const))(
    "changes nothing: %s",
    async (_, aCase) => {
      const first = await generate(aCase);
      const second = await generate(aCase, first);
      expect(Object.fromEntries(yamlOf(second))).toEqual(Object.fromEntries(yamlOf(first)));
    },
  );
});

describe("a policy without rules, after one with them", () => {
  const dir = join(import.meta.dirname, "istio");
  const none = join(dir, "nothing.policy.in.yaml");
  const cases = casesIn(dir).filter(({ name, inputs }) => name !== "nothing" && inputs.has("user"));

  test.each(cases.map((golden) => [golden.name, golden] as const))(
    "gives back what the user had, and lists what is no longer needed: %s",
    async (_, aCase) => {
      const applied = await generate(aCase);
      const without = { ...aCase, inputs: new Map(aCase.inputs).set("policy", none) };
      const given = await generate(without, applied);
      const users = readDocuments(readFileSync(aCase.inputs.get("user")!, "utf8"), "user.yaml").values;
      const back = [...yamlOf(given).values()].flatMap((text) => readDocuments(text, "back.yaml").values);
      for (const one of back) expect(users.map(strip)).toContainEqual(strip(one));
      const isWoven = (text: string) => text.includes("cluster-local/original");
      expect(back).toHaveLength([...yamlOf(applied).values()].filter(isWoven).length);

      const ours = [...yamlOf(applied).keys()].filter((path) => !isWoven(applied.get(path)!));
      const commands = ours.map((path) => {
        const [, kind, namespace, name] = /^\d-([^.]+)\.([^.]+)\.(.+)\.yaml$/.exec(path)!;
        const group = /^apiVersion: (.+)\//m.exec(applied.get(path)!)![1]!;
        return `kubectl delete ${kind}.${group} --namespace ${namespace} ${name}\n`;
      });
      const pruned = await generate(without, applied, ["--prune"]);
      const lines = pruned
        .get("messages.txt")!
        .split(/(?<=\n)/)
        .filter((line) => line !== "" && line !== "sleep 10\n");
      expect(lines.toSorted()).toEqual(commands.toSorted());
      // What sets the header first, what the routes lead to last, with pauses in between.
      const kinds = lines.map((line) => line.split(" ")[2]!.split(".")[0]!);
      const order = ["wasmplugin", "trafficextension", "envoyfilter", "virtualservice", "destinationrule"];
      expect(kinds.toSorted((a, b) => order.indexOf(a) - order.indexOf(b))).toEqual(kinds);
      const stages = new Set(
        kinds.map((kind) =>
          ["wasmplugin", "trafficextension", "destinationrule"].includes(kind) ? kind : "routes",
        ),
      );
      expect(pruned.get("messages.txt")!.split("sleep 10\n")).toHaveLength(Math.max(1, stages.size));
    },
  );

  test("lists the files that an earlier run wrote, too", async () => {
    const out = mkdtempSync(join(tmpdir(), "cluster-local-prune-"));
    const lines: string[] = [];
    const io = { out: (line: string) => void lines.push(line), err: () => undefined };
    const story = join(dir, "story.policy.in.yaml");
    const generateInto = (policy: string, ...more: string[]) =>
      run(["generate", "istio", "--policy", policy, "--out", out, ...more], io);
    await generateInto(story, ...IMAGE);
    await generateInto(story, "--routing", "native");
    lines.length = 0;
    await generateInto(none, ...IMAGE, "--prune");
    expect(lines.map((line) => line.replace(`${out}/`, ""))).toEqual([
      "rm 1-destinationrule.default.cluster-local-reviews.yaml",
      "rm 2-virtualservice.default.cluster-local-reviews.yaml",
      "rm 5-wasmplugin.istio-system.cluster-local.yaml",
      "rm mesh/meshconfig.yaml  # and take its settings out of the mesh's own MeshConfig",
    ]);
    rmSync(out, { recursive: true });
  });
});

test("the page of options has them all", async () => {
  const lines: string[] = [];
  const io = { out: (text: string) => void lines.push(text), err: () => undefined };
  await run(["generate", "istio", "--help"], io);
  const options = [...lines.join("\n").matchAll(/^ +(--[-a-z0-9]+)/gm)].map(([, option]) => option!);
  expect(options.length).toBeGreaterThan(10);
  const readme = readFileSync(join(import.meta.dirname, "../../examples/istio-bookinfo/README.md"), "utf8");
  for (const option of options) expect(readme).toContain(`| \`${option}`);
});

test("the inventory may come through a pipe", () => {
  const story = (part: string) => join(import.meta.dirname, `istio/story.${part}.in.yaml`);
  const input = ["east", "west", "user"].map((part) => readFileSync(story(part), "utf8")).join("---\n");
  const main = join(import.meta.dirname, "../../src/cli/main.ts");
  const args = ["generate", "istio", "--policy", story("policy"), "--inventory", "-", ...IMAGE];
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", main, ...args], {
    input,
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(readDocuments(stdout, "out").values.map((one) => (one as { kind: string }).kind)).toEqual([
    "DestinationRule",
    "VirtualService",
    "WasmPlugin",
  ]);
  expect(stderr).toContain("the inventory has no EndpointSlice of east");
});

// kubectl's JSON has six bytes for a "<".
test.each([
  ["of many routes", 500, "a"],
  ["of fewer, once kubectl has escaped them", 200, "<"],
])(
  "a VirtualService that would be too large with what is woven is refused: %s",
  async (_, routes, letter) => {
    const dir = mkdtempSync(join(tmpdir(), "cluster-local-large-"));
    const route = (i: number) => ({
      match: [{ uri: { regex: `/${letter.repeat(100)}/${i}` } }],
      route: [{ destination: { host: "reviews" } }],
    });
    const http = Array.from({ length: routes }, (_, i) => route(i));
    const metadata = { name: "reviews", namespace: "default" };
    const apiVersion = "networking.istio.io/v1";
    const user = { apiVersion, kind: "VirtualService", metadata, spec: { hosts: ["reviews"], http } };
    const inventory = join(dir, "user.json");
    writeFileSync(inventory, JSON.stringify(user));
    const policy = join(import.meta.dirname, "istio/story.policy.in.yaml");
    const lines: string[] = [];
    const io = { out: () => undefined, err: (line: string) => void lines.push(line) };
    const code = await run(
      [
        "generate",
        "istio",
        "--policy",
        policy,
        "--inventory",
        inventory,
        ...IMAGE,
        "--out",
        join(dir, "out"),
      ],
      io,
    );
    expect(code).toBe(1);
    expect(existsSync(join(dir, "out"))).toBe(false);
    expect(lines.join("\n")).toMatch(
      /VirtualService default\/reviews: spec: is too large .* \d+ KiB of annotations after kubectl apply, of which Kubernetes takes 256; allowed: less/,
    );
    rmSync(dir, { recursive: true });
  },
);

test("examples/istio-bookinfo is what comes out", async () => {
  const dir = join(import.meta.dirname, "../../examples/istio-bookinfo");
  const inputs = new Map([["policy", join(dir, "policy.yaml")]]);
  for (const [path] of filesIn(join(dir, "inventory")))
    inputs.set(path.replace(".yaml", ""), join(dir, "inventory", path));
  const args = ["--image", "oci://registry.example/cluster-local:0.1.0"];
  const output = await generate({ dir, name: "example", inputs }, new Map(), [], args);
  expect(Object.fromEntries(yamlOf(output))).toEqual(Object.fromEntries(filesIn(join(dir, "generated"))));
  const readme = readFileSync(join(dir, "README.md"), "utf8");
  for (const line of output.get("messages.txt")!.trimEnd().split("\n")) expect(readme).toContain(line);
  expect(readFileSync(join(dir, "inventory/istio.yaml"), "utf8")).toBe(
    readFileSync(join(dir, "story.yaml"), "utf8"),
  );
});

/** An object with its namespace told. */
function strip(value: unknown): unknown {
  const object = value as { metadata: object };
  return { ...object, metadata: { namespace: "default", ...object.metadata } };
}

const IMAGE = ["--image", "oci://images.example/cluster-local:1"];

/** Runs the command as a user would: all that it wrote, and what it said under `messages.txt`. */
async function generate(
  { name, inputs }: GoldenCase,
  applied: Output = new Map(),
  more: readonly string[] = [],
  usual: readonly string[] = IMAGE,
): Promise<Output> {
  const dir = mkdtempSync(join(tmpdir(), "cluster-local-istio-"));
  const inventory = join(dir, "inventory");
  mkdirSync(inventory);
  for (const [part, file] of inputs)
    if (part !== "policy" && part !== "args") copyFileSync(file, join(inventory, `${part}.yaml`));
  // What was applied takes the place of what it was made from: the later of two objects of one name.
  if (applied.size > 0)
    writeFileSync(join(inventory, "zz-applied.yaml"), [...yamlOf(applied).values()].join("---\n"));
  const given = inputs.get("args");
  const args = given === undefined ? usual : (JSON.parse(readFileSync(given, "utf8")) as string[]);
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const out = join(dir, "out");
  const hasInventory =
    applied.size > 0 || [...inputs.keys()].some((part) => part !== "policy" && part !== "args");
  const code = await run(
    [
      ...["generate", "istio", "--policy", inputs.get("policy")!, "--out", out, ...args, ...more],
      ...(hasInventory ? ["--inventory", inventory] : []),
    ],
    { out: say, err: say },
  );
  if (code !== 0) say(`exit code ${code}`);
  const written = existsSync(out) ? filesIn(out) : new Map<string, string>();
  rmSync(dir, { recursive: true });
  const said = lines
    .filter((line) => !/ {2}created$/.test(line))
    .map((line) =>
      `${line}\n`.replaceAll(`${inventory}/`, "").replaceAll(inputs.get("policy")!, `${name}.policy.in.yaml`),
    );
  return new Map([...written, ["messages.txt", said.join("")]]);
}

function yamlOf(output: Output): Output {
  return new Map([...output].filter(([path]) => path.endsWith(".yaml") && !path.startsWith("mesh/")));
}
