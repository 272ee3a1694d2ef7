import { execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const { name, version, scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  name: string;
  version: string;
  scripts: Record<string, string>;
};

/** Where somebody installed the package: a folder of their own, far from the repository. */
let home: string;
/** The paths in the package. */
let files: string[];

const run = (command: string, ...args: string[]) =>
  promisify(execFile)(command, args, { cwd: home, encoding: "utf8" });
const clusterLocal = (...args: string[]) => run("npx", "--no-install", name, ...args);
const inRepository = (path: string) => readFileSync(join(root, path));

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "cluster-local-package-"));
  // Without `prepack`: the build is there, and other tests are reading it.
  const { stdout } = await run("npm", "pack", root, "--ignore-scripts", "--json");
  const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  files = packed.files.map(({ path }) => path).sort();
  writeFileSync(join(home, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund", `./${packed.filename}`);
  cpSync(join(root, "test/golden/defaults"), join(home, "defaults"), { recursive: true });
}, 120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("the package", () => {
  test("holds what it runs on and its papers, and none of the tests or sources", () => {
    const papers = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json"];
    expect(files).toEqual(
      expect.arrayContaining([...papers, "build/cluster-local.wasm", "build/js/cli/main.js"]),
    );
    const foreign = /^(test|assembly|examples|image|\.)|(?<!\.d)\.ts$|(?<!^)README\.md$/;
    expect(files.filter((path) => foreign.test(path))).toEqual([]);
  });

  test("is built before it is packed", () => {
    expect(scripts.prepack).toContain("npm run build");
  });
});

describe("installed, the command", () => {
  test("tells its version", async () => {
    expect((await clusterLocal("--version")).stdout).toBe(`${version}\n`);
  });

  test("generates for Envoy, with the module that is in the package", async () => {
    const inputs = ["--policy", "defaults/policy.yaml", "--inventory", "defaults/mesh.yaml"];
    const { stdout } = await clusterLocal("generate", "envoy", ...inputs, "--out", "envoys");
    expect(stdout).toContain("m1c1/productpage/envoy.yaml");
    const module = readFileSync(join(home, "envoys/cluster-local.wasm"));
    expect(module.equals(inRepository("build/cluster-local.wasm"))).toBe(true);
  });

  test("explains with that module", async () => {
    const policy = ["--policy", "defaults/policy.yaml", "--inventory", "defaults/mesh.yaml"];
    const { stdout } = await clusterLocal(
      "explain",
      ...policy,
      "--cluster",
      "m1c1",
      "--host",
      "reviews.default:9080",
    );
    expect(stdout).toContain("stays in m1c1 (rule default/reviews, strict)");
  });

  test("serves the page of the console", async () => {
    const policy = ["--policy", "defaults/policy.yaml", "--inventory", "defaults/mesh.yaml", "--out", "live"];
    const command = join("node_modules", name, "build/js/cli/main.js");
    const server = spawn(process.execPath, [command, "console", ...policy, "--listen", "127.0.0.1:0"], {
      cwd: home,
    });
    try {
      let said = "";
      for await (const chunk of server.stdout) {
        said += String(chunk);
        if (said.includes("Ctrl-C")) break;
      }
      const [url] = /http:\S+/.exec(said) ?? [];
      const page = await fetch(url!);
      expect({ status: page.status, text: await page.text() }).toEqual({
        status: 200,
        text: expect.stringContaining("<html") as string,
      });
    } finally {
      server.kill();
    }
  });

  test("generates for Istio", async () => {
    mkdirSync(join(home, "mesh"));
    const golden = join(root, "test/golden/istio");
    cpSync(join(golden, "routes.user.in.yaml"), join(home, "mesh/user.yaml"));
    cpSync(join(golden, "routes.policy.in.yaml"), join(home, "policy.yaml"));
    const image = `oci://example.com/cluster-local@sha256:${"0".repeat(64)}`;
    const inputs = ["--policy", "policy.yaml", "--inventory", "mesh", "--image", image];
    const { stdout } = await clusterLocal("generate", "istio", ...inputs);
    expect(stdout).toContain("kind: WasmPlugin");
    expect(stdout).toContain(image);
  });

  test("prints and checks its schemas", async () => {
    const { stdout } = await clusterLocal("schema", "policy");
    expect(stdout).toBe(inRepository("src/schema/policy.schema.json").toString());
    await clusterLocal("schema", "--check");
  });

  test("says what is wrong, and exits with 1", async () => {
    writeFileSync(join(home, "wrong.yaml"), "version: 1\nclusters: [m1c1]\nrulse: []\n");
    const args = ["--policy", "wrong.yaml", "--inventory", "defaults/mesh.yaml", "--out", "nothing"];
    await expect(clusterLocal("generate", "envoy", ...args)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "rules"?') as string,
    });
  });
});

test("programs can import it, and find the module", async () => {
  writeFileSync(
    join(home, "program.js"),
    `import { orThrow, parsePolicy } from "${name}";
     import { readFileSync } from "node:fs";
     const policy = orThrow(parsePolicy(readFileSync("defaults/policy.yaml", "utf8"), "policy.yaml"));
     const module = new URL(import.meta.resolve("${name}/cluster-local.wasm"));
     console.log(policy.clusters.join(" "), WebAssembly.validate(readFileSync(module)));`,
  );
  expect((await run(process.execPath, "program.js")).stdout).toBe("m1c1 m1c2 true\n");
});
