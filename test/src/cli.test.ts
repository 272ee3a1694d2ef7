import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rootCommand } from "../../src/cli/root.ts";
import { run } from "../../src/cli/run.ts";

const root = join(import.meta.dirname, "../..");
const defaults = join(root, "test/golden/defaults");

const commands = Object.keys(
  rootCommand({ out: () => undefined, err: () => undefined }).subCommands ?? {},
).join(", ");

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cluster-local-cli-"));
  writeFileSync(join(dir, "empty.wasm"), Buffer.from("\0asm\u0001\0\0\0", "latin1"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Outcome {
  code: number;
  out: string[];
  err: string[];
}

async function cli(...args: string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(args, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out, err };
}

/** `generate envoy` with good inputs, but for what is given. */
function generate(flags: Record<string, string> = {}): Promise<Outcome> {
  const all = {
    policy: join(defaults, "policy.yaml"),
    inventory: join(defaults, "mesh.yaml"),
    out: join(dir, "out"),
    wasm: join(dir, "empty.wasm"),
    ...flags,
  };
  return cli("generate", "envoy", ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]));
}

describe("generate envoy", () => {
  test("prints what it wrote, and on the next run that nothing changed", async () => {
    expect(await generate()).toMatchObject({
      code: 0,
      out: [
        "cluster-local.wasm                   created",
        "m1c1/productpage/clusters.yaml       created",
        "m1c1/productpage/routes.yaml         created",
        "m1c1/productpage/cluster_local.yaml  created",
        "m1c1/productpage/listeners.yaml      created",
        "m1c1/productpage/envoy.yaml          created",
      ],
      err: [],
    });
    expect((await generate()).out).toEqual(["nothing changed (6 files)"]);
  });

  test.each([
    ["strict\n    percent: 50", ["cluster_local.yaml  updated"]],
    ["off", ["clusters.yaml       updated", "routes.yaml         updated", "cluster_local.yaml  updated"]],
  ])(
    "after an edit to `mode: %j` replaces what that is about, and never the bootstrap",
    async (mode, files) => {
      await generate();
      const bootstrap = statSync(join(dir, "out/m1c1/productpage/envoy.yaml")).ino;
      const policy = join(dir, "policy.yaml");
      writeFileSync(policy, readFileSync(join(defaults, "policy.yaml"), "utf8").replace("strict", mode));
      const { out } = await generate({ policy });
      expect([...out].sort()).toEqual(files.map((file) => `m1c1/productpage/${file}`).sort());
      expect(statSync(join(dir, "out/m1c1/productpage/envoy.yaml")).ino).toBe(bootstrap);
    },
  );

  test("makes running Envoys take up a new module under the same name", async () => {
    await generate();
    writeFileSync(join(dir, "empty.wasm"), Buffer.from("\0asm\u0001\0\0\0\0\u0001\0", "latin1"));
    expect((await generate()).out).toEqual([
      "cluster-local.wasm                   updated",
      "m1c1/productpage/cluster_local.yaml  updated",
    ]);
  });

  test("lets the paths in the files begin elsewhere", async () => {
    await generate({ "base-path": "/somewhere/" });
    const text = readFileSync(join(dir, "out/m1c1/productpage/listeners.yaml"), "utf8");
    expect(text).toContain('"/somewhere/m1c1/productpage/cluster_local.yaml"');
    expect(text).not.toContain(dir);
  });

  test.each([
    ["policy", "missing.yaml", "no such file or directory"],
    ["inventory", ".", "it is a directory, not a file"],
    ["policy", "empty.wasm/policy.yaml", "a part of the path is a file, not a directory"],
    ["wasm", "missing.wasm", "no such file or directory"],
    ["wasm", "text.yaml", "it is not a WebAssembly module"],
    ["policy", "latin1.yaml", "it is not a text in UTF-8, or in UTF-16 with a byte order mark"],
  ])("refuses --%s %s: %s", async (flag, name, reason) => {
    writeFileSync(join(dir, "text.yaml"), "version: 1");
    writeFileSync(join(dir, "latin1.yaml"), Buffer.from("clusters: [\xe9]", "latin1"));
    const file = join(dir, name);
    expect(await generate({ [flag]: file })).toEqual({
      code: 1,
      out: [],
      err: [`cannot read ${file}: ${reason}`],
    });
    expect(readdirSync(dir)).not.toContain("out");
  });

  test("says when it cannot write", async () => {
    writeFileSync(join(dir, "out"), "");
    const { code, err } = await generate();
    expect(code).toBe(1);
    expect(err[0]).toMatch(/^cannot write .*: a part of the path is a file, not a directory$/);
  });

  test("writes nothing when the input is wrong, and leaves what is there", async () => {
    await generate();
    const policy = join(dir, "policy.yaml");
    writeFileSync(policy, "version: 1\nclusters: [m1c1\n");
    const before = readFileSync(join(dir, "out/m1c1/productpage/cluster_local.yaml"), "utf8");
    const { code, err } = await generate({ policy });
    expect({ code, last: err.at(-1) }).toEqual({ code: 1, last: "1 problem; nothing was written." });
    expect(readFileSync(join(dir, "out/m1c1/productpage/cluster_local.yaml"), "utf8")).toBe(before);
  });

  test("lists the first three problems of a kind and counts the others", async () => {
    const policy = join(dir, "policy.yaml");
    writeFileSync(
      policy,
      `version: 1\nclusters: [${Array.from({ length: 60 }, (_, i) => `a ${i}`).join(", ")}]\n`,
    );
    const { err } = await generate({ policy });
    expect(err[0]).toBe("error CL0203: a value that is not allowed (60)");
    expect(err.slice(4)).toEqual([
      "  ... and 57 more",
      "  remedy: write one of those that are",
      "60 problems; nothing was written.",
    ]);
  });
});

describe("the command line", () => {
  test.each([
    [[], `cluster-local: a command is missing, allowed: ${commands}`],
    [
      ["generat"],
      `cluster-local: unknown command "generat", allowed: ${commands} (did you mean "generate"?)`,
    ],
    [["--hlp"], 'cluster-local: unknown option --hlp, allowed: --help, --version (did you mean "--help"?)'],
    [["generate"], "cluster-local generate: a command is missing, allowed: envoy, istio"],
    [
      ["generate", "envy"],
      'cluster-local generate: unknown command "envy", allowed: envoy, istio (did you mean "envoy"?)',
    ],
    [["generate", "envoy"], "cluster-local generate envoy: option --policy is missing"],
    [["generate", "envoy", "--policy"], "cluster-local generate envoy: option --policy needs a value"],
    [["generate", "envoy", "--policy="], "cluster-local generate envoy: option --policy needs a value"],
    [
      ["generate", "envoy", "--policy", "--out", "x"],
      "cluster-local generate envoy: option --policy needs a value",
    ],
    [
      ["generate", "envoy", "--out", "a", "--out=b"],
      "cluster-local generate envoy: option --out given twice, allowed once",
    ],
    [["generate", "envoy", "all"], 'cluster-local generate envoy: unexpected argument "all"'],
    [
      ["generate", "envoy", "--polcy", "x"],
      'cluster-local generate envoy: unknown option --polcy, allowed: --policy, --inventory, --out, --wasm, --base-path, --help (did you mean "--policy"?)',
    ],
    [["schema"], "cluster-local schema: a name is missing, allowed: policy, plugin-config, mesh, prices"],
    [
      ["schema", "polcy"],
      'cluster-local schema: unknown schema "polcy", allowed: policy, plugin-config, mesh, prices (did you mean "policy"?)',
    ],
    [["schema", "--check=yes"], "cluster-local schema: option --check takes no value"],
  ])("%j is refused", async (args, message) => {
    const { code, out, err } = await cli(...args);
    expect({ code, out, message: err[0] }).toEqual({ code: 2, out: [], message });
    expect(err[1]).toMatch(/^Try: cluster-local.* --help$/);
  });

  test.each([[["--help"]], [["generate", "--help"]], [["generate", "envoy", "--help"]], [["schema", "-h"]]])(
    "%j helps",
    async (args) => {
      const { code, out, err } = await cli(...args);
      expect({ code, err }).toEqual({ code: 0, err: [] });
      expect(out.join("\n")).toMatch(/^ {2}cluster-local /m);
    },
  );

  test("tells its version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(await cli("--version")).toEqual({ code: 0, out: [version], err: [] });
  });

  test("is a program", async () => {
    const args = ["--import", "tsx", join(root, "src/cli/main.ts"), "schema", "nothing"];
    const result = promisify(execFile)(process.execPath, args, { cwd: root });
    await expect(result).rejects.toMatchObject({ code: 2, stdout: "" });
  });
});

describe("schema", () => {
  test("those in src/schema are fresh", async () => {
    expect(await cli("schema", "--check")).toEqual({ code: 0, out: [], err: [] });
  });

  test("--check names each stale one, and --out makes them fresh", async () => {
    const folder = join(dir, "schema");
    mkdirSync(folder);
    expect((await cli("schema", "--check", "--out", folder)).code).toBe(1);
    expect((await cli("schema", "--out", folder)).code).toBe(0);
    writeFileSync(join(folder, "mesh.schema.json"), "{}");
    const { code, err } = await cli("schema", "--check", "--out", folder);
    expect({ code, err }).toEqual({
      code: 1,
      err: [`${join(folder, "mesh.schema.json")} is stale: run cluster-local schema --out ${folder}`],
    });
  });

  test("prints one", async () => {
    const { out } = await cli("schema", "policy");
    expect(JSON.parse(out.join("\n"))).toMatchObject({
      title: "cluster-local policy",
      required: ["version", "clusters"],
    });
  });
});
