/**
 * Measures which lines of assembly/core the tests in test/core run: builds the core with a counter before each statement
 * (cover.mjs), runs the tests on it, prints a table, and fails below the bar. A line is covered when every statement that
 * begins on it was run.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { LIST } from "./cover.mjs";

/** The least share of lines, in percent. */
const BAR = 95;

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cluster-local-coverage-"));
try {
  process.chdir(root);
  const statements = await build(join(folder, "statements.json"));
  const passed = test();
  const covered = report(statements, hits(statements.length));
  process.exitCode = passed && covered >= BAR ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** Builds build/core.cov.wasm; its statements, by id. */
async function build(list) {
  process.env[LIST] = list;
  const options = ["--target", "core", "--outFile", "build/core.cov.wasm"];
  const transforms = ["--transform", "./assembly/ascii.mjs", "--transform", "./test/core/cover.mjs"];
  const { error, stderr } = await asc.main(["assembly/testing.ts", ...options, ...transforms]);
  if (error) throw new Error(`${stderr.toString()}${error.message}`);
  return JSON.parse(readFileSync(list, "utf8"));
}

/** Runs the tests; whether they passed. test/core/core.ts loads the module with the counters when it finds the variable. */
function test() {
  const env = { ...process.env, CLUSTER_LOCAL_COVERAGE: folder };
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  return spawnSync(process.execPath, [vitest, "run", "test/core"], { env, stdio: "inherit" }).status === 0;
}

/** Which statements were run, over all test files. */
function hits(count) {
  const hit = new Uint8Array(count);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".hits"))) {
    readFileSync(join(folder, file)).forEach((value, id) => (hit[id] |= value));
  }
  return hit;
}

/** Prints the table; the covered share of all lines, in percent. */
function report(statements, hit) {
  const files = new Map();
  statements.forEach(([file, line], id) => {
    const lines = files.get(file) ?? new Map();
    files.set(file, lines.set(line, (lines.get(line) ?? true) && hit[id] === 1));
  });
  const all = [...files.values()].flatMap((lines) => [...lines.values()]);
  for (const [file, lines] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) row(file, lines);
  const share = row("all", new Map(all.entries()), false);
  console.log(share < BAR ? `below ${BAR}%` : `the bar is ${BAR}%`);
  return share;
}

function row(name, lines, list = true) {
  const missed = [...lines].filter(([, covered]) => !covered).map(([line]) => line);
  const share = (100 * (lines.size - missed.length)) / lines.size;
  const counts = `${String(lines.size - missed.length).padStart(5)} of ${String(lines.size).padStart(4)} lines`;
  const uncovered =
    list && missed.length > 0 ? `   uncovered: ${missed.sort((a, b) => a - b).join(", ")}` : "";
  console.log(`${name.padEnd(34)} ${share.toFixed(1).padStart(5)}% ${counts}${uncovered}`);
  return share;
}
