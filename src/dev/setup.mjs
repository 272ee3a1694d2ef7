/**
 * Makes a clone ready to run: the npm packages, the build and an Envoy, each only when it is missing or out of
 * date. It is the first command of `npm run demo` and `npm test`, so it is plain JavaScript without
 * dependencies, and prints nothing when there is nothing to do. `--without-envoy` leaves the Envoy out: containers
 * bring their own. `--check` does nothing, and exits with 1 when packages or build would have to be made.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const at = (path) => join(root, path);

/** What `npm run build` reads and writes. A folder's own time changes when a file in it goes or comes. */
const buildInputs = [
  "assembly",
  "src",
  "asconfig.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "package-lock.json",
];
const buildOutputs = ["cluster-local.wasm", "cluster-local.debug.wasm", "core.wasm", "js/cli/main.js"];

try {
  checkNode();
  if (process.argv.includes("--check")) {
    process.exit(lackPackages() || lackBuild() ? 1 : 0);
  }
  if (lackPackages()) step("installing the npm packages", () => npm("ci", "--no-audit", "--no-fund"));
  if (lackBuild()) step("building the filter and the tools", () => npm("run", "build"));
  if (!process.argv.includes("--without-envoy")) await findEnvoy();
} catch (error) {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

/** npm writes this file at the end of a whole install. */
function lackPackages() {
  return newest("package-lock.json") > timeOf("node_modules/.package-lock.json");
}

function lackBuild() {
  const built = Math.min(...buildOutputs.map((file) => timeOf(join("build", file))));
  return Math.max(...buildInputs.map(newest)) > built;
}

function checkNode() {
  const wanted = JSON.parse(readFileSync(at("package.json"), "utf8")).engines.node.replace(">=", "");
  const [major, minor] = wanted.split(".").map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split(".").map(Number);
  if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
    throw new Error(`cluster-local needs Node ${wanted} or newer; this is ${process.versions.node}.`);
  }
}

/** Runs `work` between the two halves of a progress line. */
function step(title, work) {
  const start = performance.now();
  process.stdout.write(`setup: ${title} ... `);
  work();
  process.stdout.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

/** Runs npm here, showing what it printed only when it fails. */
function npm(...args) {
  const { status, error, stdout, stderr } = spawnSync("npm", args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new Error(`npm ${args.join(" ")} cannot be run: ${error.message}`);
  if (status !== 0) throw new Error(`${stdout}${stderr}\nnpm ${args.join(" ")} failed (see above).`);
}

async function findEnvoy() {
  const { tsImport } = await import("tsx/esm/api");
  const { resolveEnvoy } = await tsImport("../../envoy/resolve.ts", import.meta.url);
  const start = performance.now();
  const { source } = await resolveEnvoy({ log: (line) => process.stdout.write(`setup: ${line} ... `) });
  if (source === "pip") process.stdout.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}

/** When a file was written (ms); 0 when there is none. */
function timeOf(path) {
  return statSync(at(path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The newest time of a file, or of a folder and all in it. */
function newest(path) {
  const stats = statSync(at(path));
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(at(path)).map((name) => newest(join(path, name))));
}
