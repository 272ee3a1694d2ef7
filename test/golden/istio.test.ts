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
import { run } from "../../src/cli/run.ts";
import { casesIn, filesIn, golden, orphansIn, type GoldenCase, type Output } from "./golden.ts";

/**
 * What `generate istio` makes, whole, for the cases that teach; test/src/istio has all others. The parts of a case: `policy`;
 * `args`, a list of options; and all others are files of the inventory, each called as its part.
 */
const DIR = join(import.meta.dirname, "istio");
const CASES = casesIn(DIR).map((one) => [one.name, one] as const);
const IMAGE = ["--image", "oci://images.example/cluster-local:1"];

test.each(CASES)("generate istio: %s", async (_, one) => {
  const output = new Map([...(await generate(one))].filter(([path]) => teaches(one.name, path)));
  expect(Object.fromEntries(output)).toEqual(Object.fromEntries(golden(one, output)));
});

/** West is as east with the names changed, and the filter's resources are the same for all: the story shows both. */
function teaches(name: string, path: string): boolean {
  return name === "story" || !/west|cluster-local\.evidence|wasmplugin/.test(path) || name === "disabled";
}

test("every golden has a case", () => {
  expect(orphansIn(DIR)).toEqual([]);
});

describe("what is generated and applied", () => {
  test.each(CASES)("makes no difference to what is generated: %s", async (_, one) => {
    const first = await generate(one);
    const again = await generate(one, first);
    expect(Object.fromEntries(yamlOf(again))).toEqual(Object.fromEntries(yamlOf(first)));
  });

  test.each(CASES)("is all deleted by --prune of a policy without rules: %s", async (_, one) => {
    const applied = yamlOf(await generate(one));
    const policy = join(mkdtempSync(join(tmpdir(), "cluster-local-none-")), "none.yaml");
    writeFileSync(policy, "version: 1\nclusters: [east, west]\nrules: []\n");
    const none = { ...one, inputs: new Map(one.inputs).set("policy", policy) };
    const pruned = await generate(none, applied, ["--prune"]);
    const commands = pruned
      .get("messages.txt")!
      .split("\n")
      .filter((line) => line.startsWith("kubectl"));
    expect(commands).toHaveLength(applied.size);
    // The filter first, what the routes lead to last.
    const kinds = commands.map((line) => line.split(" ")[2]!.split(".")[0]!);
    const order = ["wasmplugin", "envoyfilter", "destinationrule"];
    expect(kinds.toSorted((a, b) => order.indexOf(a) - order.indexOf(b))).toEqual(kinds);
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
  if (applied.size > 0)
    writeFileSync(join(inventory, "applied.yaml"), [...yamlOf(applied).values()].join("---\n"));
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
    // Most cases have no endpoints, for they are about routes.
    .filter((line) => !/ {2}created$|has no EndpointSlice of/.test(line))
    .map((line) =>
      `${line}\n`.replaceAll(`${inventory}/`, "").replaceAll(inputs.get("policy")!, `${name}.policy.in.yaml`),
    );
  return new Map([...written, ["messages.txt", said.join("")]]);
}

function yamlOf(output: Output): Output {
  return new Map([...output].filter(([path]) => path.endsWith(".yaml") && !path.startsWith("mesh/")));
}
