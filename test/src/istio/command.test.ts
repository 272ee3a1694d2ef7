import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../../src/cli/run.ts";
import { istio, service } from "./support.ts";

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "cluster-local-command-"))));
afterEach(() => rmSync(dir, { recursive: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const policy = (rules: string, more = "") =>
  write("policy.yaml", `version: 1\nclusters: [east, west]\n${more}rules: ${rules}\n`);
const STRICT = "[{services: [default/reviews], mode: strict}]";
const HEADLESS = service("peers").replace("10.0.0.1", "None");

async function istioCommand(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const lines = { out: [] as string[], err: [] as string[] };
  const io = {
    out: (line: string) => void lines.out.push(line),
    err: (line: string) => void lines.err.push(line),
  };
  const code = await run(["generate", "istio", "--policy", join(dir, "policy.yaml"), ...args], io);
  return { code, out: lines.out.join("\n"), err: lines.err.join("\n") };
}

test("services that are left out have an exit code of their own; --all-or-nothing refuses", async () => {
  policy('[{services: ["default/*"], mode: strict}]');
  const inventory = write("mesh.yaml", service("reviews") + HEADLESS);
  const made = await istioCommand("--inventory", inventory, "--out", join(dir, "out"));
  expect(made.code).toBe(3);
  expect(made.out).toContain("1-destinationrule.default.cluster-local-reviews.yaml  created");
  expect(made.out).toContain("default/peers: it is headless");
  const refused = await istioCommand(
    "--inventory",
    inventory,
    "--out",
    join(dir, "none"),
    "--all-or-nothing",
  );
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("nothing was written");
});

test("the switch and the rollback depend on nothing that can fail", async () => {
  policy(STRICT);
  const out = join(dir, "my out");
  await istioCommand(
    "--inventory",
    write("mesh.yaml", service("reviews")),
    "--out",
    out,
    "--image",
    "oci://x/y",
  );
  policy(STRICT, "enabled: false\n");
  const broken = write("broken.yaml", "kind: [\n");
  for (const inventory of [["--inventory", broken], ["--inventory", join(dir, "no such file")], []]) {
    const off = await istioCommand(...inventory, "--out", out, "--image", "oci://x/y");
    expect(off.code).toBe(0);
    for (const name of ["cluster-local-east", "cluster-local-west", "cluster-local.evidence"])
      expect(readFileSync(join(out, `2-envoyfilter.istio-system.${name}.yaml`), "utf8")).toContain(
        "configPatches: []",
      );
    expect(readFileSync(join(out, "4-wasmplugin.istio-system.cluster-local.yaml"), "utf8")).toContain(
      "enabled: false",
    );
  }
  policy("[]");
  const pruned = await istioCommand("--out", out, "--prune");
  expect(pruned.code).toBe(0);
  expect(pruned.out).toContain(`rm '${out}/1-destinationrule.default.cluster-local-reviews.yaml'`);
});

test("--prune with an inventory that has nothing of ours says so, and keeps the only record", async () => {
  policy(STRICT);
  const out = join(dir, "out");
  const inventory = write("mesh.yaml", service("reviews"));
  await istioCommand("--inventory", inventory, "--out", out);
  policy("[]");
  const pruned = await istioCommand("--inventory", inventory, "--out", out, "--prune");
  expect(pruned).toMatchObject({ code: 0, out: "" });
  expect(pruned.err).toMatch(/has nothing that cluster-local made .* the files in .* stay/);
});

test("--check tells drift from a folder and from an inventory", async () => {
  policy(STRICT);
  const out = join(dir, "out");
  mkdirSync(out);
  const inventory = write("mesh.yaml", service("reviews"));
  await istioCommand("--inventory", inventory, "--out", out);
  expect(await istioCommand("--inventory", inventory, "--check", out)).toMatchObject({
    code: 0,
    out: "as it would be generated (3 resources)",
  });
  const later =
    service("reviews") +
    istio("DestinationRule", "d", "{host: reviews, subsets: [{name: v1, labels: {version: v1}}]}");
  const drifted = await istioCommand("--inventory", write("mesh.yaml", later), "--check", out);
  expect(drifted.code).toBe(1);
  expect(drifted.out).toContain("DestinationRule default/cluster-local-reviews: differs");
  const applied = await istioCommand("--inventory", inventory, "--check", inventory);
  expect(applied.code).toBe(1);
  expect(applied.out).toContain("EnvoyFilter istio-system/cluster-local-east: missing");
});

test("the report for machines has the code of each finding and of each service that is left out", async () => {
  policy('[{services: ["default/*", shop/cart], mode: strict}]');
  const inventory = write("mesh.yaml", service("reviews") + HEADLESS);
  const out = join(dir, "json");
  const made = await istioCommand("--inventory", inventory, "--out", out, "--report", "json");
  const { warnings, leftOut } = JSON.parse(made.out) as Record<"warnings" | "leftOut", { code: string }[]>;
  expect(warnings.map(({ code }) => code)).toContain("CL0304");
  expect(leftOut.map(({ code }) => code)).toEqual(["CL0403"]);
});
