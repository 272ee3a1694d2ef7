import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { inOne } from "../support/in-one.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { badConfigurations } from "./bad-configuration.ts";

import { many, retainReviews, twoClusters } from "./two-clusters.ts";

/** Runs a program to its end, whatever its exit code. */
async function run(file: string, args: string[]): Promise<{ code: number; stderr: string }> {
  try {
    const { stderr } = await promisify(execFile)(file, args, { maxBuffer: 1 << 26 });
    return { code: 0, stderr };
  } catch (error) {
    return error as { code: number; stderr: string };
  }
}

let mesh: TestMesh;
beforeAll(async () => {
  mesh = await startMesh(twoClusters(retainReviews, [{ service: "default/reviews" }]));
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

async function expectRetained(): Promise<void> {
  await mesh.waitForHealth();
  await many(mesh.caller("m1c1/sleep"), 50, { host: "reviews:9080" });
  expect(mesh.endpoint("m1c1", "default/reviews").count()).toBe(50);
  expect(mesh.endpoint("m1c2", "default/reviews").count()).toBe(0);
}

describe("by ECDS: refused with path and reason, the last good configuration keeps serving", () => {
  test.each(badConfigurations)("%s", async (_, text, reason) => {
    const { envoy } = mesh.caller("m1c1/sleep");
    const logged = envoy.log.length;
    expect(await mesh.setPlugin("m1c1/sleep", text)).toBe("refused");
    const said = () => envoy.log.slice(logged).join("\n");
    // Its log comes by another way than its counters.
    await expect.poll(said).toContain(reason);
    const log = said();
    expect(log).toContain(`cluster_local: configuration refused: `);
    expect(log).not.toMatch(/abort|RuntimeError|unreachable/);
    await expectRetained();
  });

  test("the next good one takes effect", async () => {
    expect(await mesh.setPlugin("m1c1/sleep", '{"version":1}')).toBe("live");
    await mesh.waitForHealth();
    await many(mesh.caller("m1c1/sleep"), 50, { host: "reviews:9080" });
    expect(mesh.endpoint("m1c2", "default/reviews").count()).toBeGreaterThan(10);
  });
});

describe("at start: Envoy does not come up, and says why", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "cluster-local-start-"));
  });
  afterAll(() => rm(dir, { recursive: true }));

  /** Validates the generated bootstrap with this as the filter's configuration, set in place rather than by ECDS. */
  async function validate(
    given: string | object | undefined,
    change: (bootstrap: Record<string, unknown>) => void = () => {},
  ) {
    const { folder, ecds } = mesh.caller("m1c1/sleep");
    const config: Record<string, unknown> = { ...(await inOne(folder, dir)) };
    const filter = (parse(await readFile(ecds, "utf8")) as Ecds).resources[0]!.typed_config;
    if (typeof given === "string") filter.config.configuration = textValue(given);
    else if (given) filter.config.configuration = given;
    else delete filter.config.configuration;
    inline(config, filter);
    change(config);
    const file = join(dir, "envoy.yaml");
    await writeFile(file, stringify(config, { defaultStringType: "QUOTE_DOUBLE" }));
    const { path } = await resolveEnvoy();
    return run(path, ["--mode", "validate", "-c", file, "-l", "error"]);
  }

  test.each(badConfigurations)("%s", async (_, text, reason) => {
    const { code, stderr } = await validate(text);
    expect(code).toBe(1);
    expect(stderr).toContain(`cluster_local: configuration refused: `);
    expect(stderr).toContain(reason);
  });

  const struct = (value: object) => ({ "@type": "type.googleapis.com/google.protobuf.Struct", value });
  test.each([
    ["a Struct", struct({ version: 1, rules: [] }), "a google.protobuf.Struct"],
    ["a Struct with text in it", struct({ version: "1" }), "a google.protobuf.Struct"],
    ["an empty Struct", struct({}), "empty or missing"],
    ["an empty text", textValue(""), "empty or missing"],
    ["none at all", undefined, "empty or missing"],
  ])("%s: what it is to be is named", async (_, given, what) => {
    const { code, stderr } = await validate(given);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `configuration refused: (root): the configuration is ${what}, allowed: JSON in a google.protobuf.StringValue`,
    );
  });

  test("a good one", async () => {
    expect(await validate('{"version":1}')).toEqual({ code: 0, stderr: "" });
  });

  test("no local cluster, neither in the configuration nor in the node's metadata", async () => {
    const withoutId = (config: Record<string, unknown>) => {
      delete (config.node as { metadata: Record<string, string> }).metadata.CLUSTER_ID;
    };
    const { code, stderr } = await validate('{"version":1}', withoutId);
    expect(code).toBe(1);
    expect(stderr).toContain("configuration refused: localCluster: missing");
    expect((await validate('{"version":1,"localCluster":"m1c1"}', withoutId)).code).toBe(0);
  });
});

describe("by the CLI: refused before anything is written", () => {
  test("a policy with a mistyped mode", async () => {
    const dir = await mkdtemp(join(tmpdir(), "cluster-local-cli-"));
    const [policy, out] = [join(dir, "policy.yaml"), join(dir, "out")];
    await writeFile(
      policy,
      "version: 1\nclusters: [m1c1, m1c2]\nrules:\n- services: [default/reviews]\n  mode: stict\n",
    );
    await writeFile(join(dir, "mesh.yaml"), "version: 1\nclusters: [{id: m1c1}, {id: m1c2}]\n");
    const cli = new URL("../../src/cli/main.ts", import.meta.url).pathname;
    const args = [
      "--import",
      "tsx",
      cli,
      "generate",
      "envoy",
      "--policy",
      policy,
      "--inventory",
      join(dir, "mesh.yaml"),
      "--out",
      out,
    ];
    const { code, stderr } = await run(process.execPath, args);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'policy.yaml:5:9: rules[0].mode: found "stict", allowed: "strict", "prefer", "observe" or "off" (did you mean "strict"?)',
    );
    expect(await readdir(dir)).toEqual(["mesh.yaml", "policy.yaml"]);
    await rm(dir, { recursive: true });
  });
});

interface Ecds {
  resources: { typed_config: { config: { configuration?: object } } }[];
}

function textValue(value: string): object {
  return { "@type": "type.googleapis.com/google.protobuf.StringValue", value };
}

/** Puts the filter itself where the bootstrap says that it is to come by ECDS. */
function inline(value: unknown, filter: object): void {
  if (typeof value !== "object" || value === null) return;
  const entry = value as Record<string, unknown>;
  if (entry.config_discovery) {
    delete entry.config_discovery;
    entry.typed_config = filter;
  }
  for (const child of Object.values(entry)) inline(child, filter);
}
