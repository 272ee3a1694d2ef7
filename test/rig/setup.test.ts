import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const setup = fileURLToPath(new URL("../../src/dev/setup.mjs", import.meta.url));
const dirs = ["src/dev", "assembly", "bin"];
const files = [
  "package-lock.json",
  "asconfig.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "assembly/index.ts",
];

/** A clone with the real setup.mjs, a few files, and an npm that makes what the real one would. */
let clone: string;

const npm = `#!/bin/sh
echo "$*" >> npm-calls
if [ -e npm-fails ]; then echo "some reason"; exit 1; fi
case $1 in
  ci) mkdir -p node_modules/tsx/esm; touch node_modules/.package-lock.json
      echo '{"exports":{"./esm/api":"./esm/api.mjs"}}' > node_modules/tsx/package.json
      echo 'export const tsImport = async () => ({ resolveEnvoy: async () => ({ source: "PATH" }) })' \\
        > node_modules/tsx/esm/api.mjs ;;
  run) mkdir -p build/js/cli
      touch build/cluster-local.wasm build/cluster-local.debug.wasm build/core.wasm build/js/cli/main.js ;;
esac
`;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "cluster-local-setup-"));
  for (const dir of dirs) mkdirSync(join(clone, dir), { recursive: true });
  for (const file of files) writeFileSync(join(clone, file), "");
  writeFileSync(join(clone, "package.json"), JSON.stringify({ engines: { node: ">=20.19" } }));
  copyFileSync(setup, join(clone, "src/dev/setup.mjs"));
  writeFileSync(join(clone, "bin/npm"), npm);
  chmodSync(join(clone, "bin/npm"), 0o755);
  age();
});

afterEach(() => rmSync(clone, { recursive: true }));

/** Makes the clone's files an hour old, so that what is written next is newer. */
function age(): void {
  const before = Date.now() / 1000 - 3600;
  for (const path of [...files, ...dirs, "src"]) utimesSync(join(clone, path), before, before);
  utimesSync(join(clone, "src/dev/setup.mjs"), before, before);
}

function runSetup(options: { node?: string[]; own?: string[] } = {}): {
  status: number | null;
  output: string;
  calls: string[];
} {
  rmSync(join(clone, "npm-calls"), { force: true });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...(options.node ?? []), "src/dev/setup.mjs", ...(options.own ?? [])],
    {
      cwd: clone,
      encoding: "utf8",
      env: { ...process.env, PATH: join(clone, "bin") + delimiter + (process.env.PATH ?? "") },
    },
  );
  let calls: string[] = [];
  try {
    calls = readFileSync(join(clone, "npm-calls"), "utf8").trim().split("\n");
  } catch {
    // npm was not called
  }
  return { status, output: stdout + stderr, calls };
}

const ci = "ci --no-audit --no-fund";
const build = "run build";

test("a fresh clone gets its packages and its build, with a line each; then there is nothing to do", () => {
  const first = runSetup();
  expect(first).toMatchObject({ status: 0, calls: [ci, build] });
  expect(first.output).toMatch(
    /^setup: installing the npm packages \.\.\. \d+\.\d s\nsetup: building the filter and the tools \.\.\. \d+\.\d s\n$/,
  );
  expect(runSetup()).toEqual({ status: 0, output: "", calls: [] });
});

test.each([
  ["a source that changed", () => writeFileSync(join(clone, "assembly/index.ts"), "// new")],
  ["a source that came", () => writeFileSync(join(clone, "src/new.ts"), "")],
  ["a source that went", () => rmSync(join(clone, "assembly/index.ts"))],
  ["a part of the build that went", () => rmSync(join(clone, "build/core.wasm"))],
])("%s is built again", (_, change) => {
  runSetup();
  const past = Date.now() / 1000 - 60;
  for (const file of ["cluster-local.wasm", "cluster-local.debug.wasm", "core.wasm", "js/cli/main.js"]) {
    utimesSync(join(clone, "build", file), past, past);
  }
  expect(runSetup().calls).toEqual([]);
  change();
  expect(runSetup().calls).toEqual([build]);
});

test("--check only tells, by its exit code, whether there is something to do", () => {
  const check = () => runSetup({ own: ["--check"] });
  expect(check()).toEqual({ status: 1, output: "", calls: [] });
  runSetup();
  expect(check()).toEqual({ status: 0, output: "", calls: [] });
  rmSync(join(clone, "build/js/cli/main.js"));
  expect(check()).toEqual({ status: 1, output: "", calls: [] });
});

test("a newer lock file is installed and built", () => {
  runSetup();
  const later = Date.now() / 1000 + 1;
  utimesSync(join(clone, "package-lock.json"), later, later);
  expect(runSetup().calls).toEqual([ci, build]);
});

test("when npm fails, what it printed is shown", () => {
  writeFileSync(join(clone, "npm-fails"), "");
  const { status, output, calls } = runSetup();
  expect({ status, calls }).toEqual({ status: 1, calls: [ci] });
  expect(output).toContain(`some reason\n\nnpm ${ci} failed (see above).`);
});

test("an old Node is told what is needed, before anything is done", () => {
  const pretend = join(clone, "pretend.mjs");
  const versions = '{ value: { ...process.versions, node: "20.18.3" } }';
  writeFileSync(pretend, `Object.defineProperty(process, "versions", ${versions});`);
  const { status, output, calls } = runSetup({ node: ["--import", pretend] });
  expect({ status, calls }).toEqual({ status: 1, calls: [] });
  expect(output.trim()).toBe("cluster-local needs Node 20.19 or newer; this is 20.18.3.");
});
