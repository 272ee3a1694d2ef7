import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { run } from "../../src/cli/run.ts";
import { inOne, managerOf } from "../support/in-one.ts";
import { casesIn, filesIn } from "./golden.ts";

/**
 * Envoy itself reads what was generated, with the release module, and runs its proxy_on_configure. In validate mode it
 * leaves what comes by discovery aside, so all of it is put into one file first.
 */
const root = join(import.meta.dirname, "../..");
const example = {
  policy: join(root, "examples/bookinfo/policy.yaml"),
  mesh: join(root, "examples/bookinfo/mesh.yaml"),
};

let envoy: string;
let dir: string;

beforeAll(async () => {
  envoy = (await resolveEnvoy()).path;
  dir = mkdtempSync(join(tmpdir(), "cluster-local-validate-"));
}, 120_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("Envoy accepts what is generated", () => {
  const cases = casesIn(join(import.meta.dirname, "envoy")).map(({ name, inputs }) => {
    const input = (part: string) => inputs.get(part) ?? join(import.meta.dirname, "defaults", `${part}.yaml`);
    return [name, { policy: input("policy"), mesh: input("mesh") }] as const;
  });

  test.each([...cases, ["examples/bookinfo", example] as const])("%s", async (name, inputs) => {
    const out = await generated(name, inputs);
    const bootstraps = [...filesIn(out).keys()].filter((path) => path.endsWith("/envoy.yaml"));
    expect(bootstraps).not.toEqual([]);
    for (const path of bootstraps) expect(await validate(join(out, path))).toBe("OK");
  });

  test("and says so only after the filter has read its configuration", async () => {
    const out = await generated("refused", example);
    const ecds = join(out, "m1c1/productpage/cluster_local.yaml");
    writeFileSync(ecds, readFileSync(ecds, "utf8").replace('"mode": "strict"', '"mode": "strickt"'));
    expect(await validate(join(out, "m1c1/productpage/envoy.yaml"))).toContain('did you mean "strict"?');
  });
});

async function generated(name: string, { policy, mesh }: typeof example): Promise<string> {
  const out = join(dir, name.replaceAll("/", "-"));
  const said: string[] = [];
  const args = ["generate", "envoy", "--policy", policy, "--inventory", mesh, "--out", out];
  const code = await run(args, { out: () => undefined, err: (line) => said.push(line) });
  expect({ code, said: code === 0 ? [] : said }).toEqual({ code: 0, said: [] });
  return out;
}

/** `OK`, or all that Envoy says. */
async function validate(bootstrap: string): Promise<string> {
  const file = await inlined(bootstrap);
  const result = await promisify(execFile)(envoy, ["--mode", "validate", "-l", "warning", "-c", file]).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  return result.stdout.trim().endsWith("OK") ? "OK" : result.stdout + result.stderr;
}

/** All of a caller's configuration in one file, the filter's too. */
async function inlined(bootstrap: string): Promise<string> {
  const config = await inOne(dirname(bootstrap), dirname(bootstrap));
  const ecds = bootstrap.replace(/envoy\.yaml$/, "cluster_local.yaml");
  if (existsSync(ecds)) {
    const { resources } = parse(readFileSync(ecds, "utf8")) as { resources: { typed_config: object }[] };
    const filters = managerOf(config.static_resources.listeners[0]!).http_filters;
    filters[0] = { name: "cluster_local", typed_config: resources[0]!.typed_config };
  }
  const file = bootstrap.replace(/\.yaml$/, ".inlined.yaml");
  writeFileSync(file, stringify(config, { defaultStringType: "QUOTE_DOUBLE", aliasDuplicateObjects: false }));
  return file;
}
