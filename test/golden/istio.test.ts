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

describe("a policy without rules", () => {
  const dir = join(import.meta.dirname, "istio");

  test.each(["weave", "weave-forms", "prefer"])("gives back what the user had: %s", async (name) => {
    const aCase = casesIn(dir).find((one) => one.name === name)!;
    const applied = await generate(aCase);
    const policy = join(import.meta.dirname, "istio/nothing.policy.in.yaml");
    const given = await generate({ ...aCase, inputs: new Map([["policy", policy]]) }, applied);
    const users = readDocuments(readFileSync(aCase.inputs.get("user")!, "utf8"), "user.yaml").values.map(
      strip,
    );
    const back = [...yamlOf(given).values()].flatMap((text) =>
      readDocuments(text, "back.yaml").values.map(strip),
    );
    expect(back.length).toBeGreaterThan(0);
    for (const one of back) expect(users).toContainEqual(one);
    const woven = [...yamlOf(applied).values()].filter((text) => text.includes("cluster-local/original"));
    expect(back).toHaveLength(woven.length);
  });

  test("lists what it no longer needs, as commands", async () => {
    const aCase = casesIn(dir).find((one) => one.name === "weave")!;
    const applied = await generate(aCase);
    const policy = join(import.meta.dirname, "istio/nothing.policy.in.yaml");
    const output = await generate({ ...aCase, inputs: new Map([["policy", policy]]) }, applied, ["--prune"]);
    expect(output.get("messages.txt")).toBe(
      [
        "kubectl delete wasmplugin --namespace istio-system cluster-local",
        "kubectl delete destinationrule --namespace default cluster-local-reviews",
        "",
      ].join("\n"),
    );
  });
});

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
