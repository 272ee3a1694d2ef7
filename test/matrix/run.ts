/**
 * The real-Envoy suite (test/envoy) on the newest patch of each supported minor release, as envoy/matrix.json has them.
 *
 *   npm run test:matrix                    on the versions of the record; changes no file
 *   npm run test:matrix -- --only 1.38     on one minor release
 *   npm run test:matrix -- --write         asks pip for the newest patches, and writes record and table when all passed
 */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { removeAtExit } from "../../envoy/at-exit.ts";
import { startChild } from "../../envoy/children.ts";
import { pick, reasonAgainst, recorded, type Choice } from "./choose.ts";
import { readPage, readRecord, withTable, writeRecord, type Counts, type Tested } from "./record.ts";
import { byMinor, minorOf, offeredVersions } from "./versions.ts";

const flags = readFlags();
const root = fileURLToPath(new URL("../../", import.meta.url));
const reports = mkdtempSync(join(tmpdir(), "cluster-local-matrix-"));
removeAtExit(reports);
const total: Counts = { passed: 0, failed: 0, skipped: 0 };

const tested: Tested[] = [];

try {
  for (const choice of await choices()) {
    const counts = await runSuite(choice);
    add(counts);
    tested.push({ version: choice.version, ...counts, passedOver: choice.passedOver });
  }
  if (flags.write) await write();
  else await check();
} catch (error) {
  end(error);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;

function readFlags(): { write?: boolean; only?: string } {
  try {
    const { values } = parseArgs({ options: { write: { type: "boolean" }, only: { type: "string" } } });
    if (values.write && values.only)
      throw new Error("--write is for all versions, --only for one: use one of them");
    return values;
  } catch (error) {
    return end(error);
  }
}

/** Ends the run where there is nothing to count. */
function end(error: unknown): never {
  console.error((error as Error).message);
  process.exit(1);
}

/** The Envoys to test, installed. */
async function choices(): Promise<Choice[]> {
  if (flags.write) {
    const minors = [...byMinor(await offeredVersions()).values()];
    return Promise.all(minors.map((versions) => pick(versions, (line) => console.log(line))));
  }
  const { envoys } = readRecord();
  const wanted = envoys.filter(({ version }) => !flags.only || minorOf(version) === flags.only);
  if (wanted.length === 0) {
    const minors = envoys.map(({ version }) => minorOf(version)).join(", ");
    throw new Error(`--only: unknown minor release "${flags.only}", allowed: ${minors}`);
  }
  return Promise.all(wanted.map((envoy) => recorded(envoy, (line) => console.log(line))));
}

/** Runs test/envoy on one Envoy. What it printed is shown when something failed. */
async function runSuite({ version, path }: Choice): Promise<Counts> {
  const report = join(reports, `${version}.json`);
  const start = performance.now();
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const child = await startChild(process.execPath, [vitest, "run", "test/envoy", ...reporters], {
    name: `the suite on Envoy ${version}`,
    cwd: root,
    env: { ...process.env, ENVOY_BIN: path },
  });
  const ending = await child.exited;
  const counts = readCounts(report);
  // A file that does not load has no failed test, and fails all the same.
  if (ending !== "exit code 0" && counts.failed === 0) counts.failed = 1;
  if (counts.failed > 0) console.log(child.log.join("\n"));
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`Envoy ${version}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)`);
  return counts;
}

function readCounts(report: string): Counts {
  try {
    const json = JSON.parse(readFileSync(report, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numTodoTests: number;
    };
    const skipped = json.numPendingTests + json.numTodoTests;
    return { passed: json.numPassedTests, failed: json.numFailedTests, skipped };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

function add({ passed, failed, skipped }: Counts): void {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

async function write(): Promise<void> {
  if (total.failed > 0) {
    console.log("Nothing was written: not all passed.");
    return;
  }
  await writeRecord({ date: new Date().toISOString().slice(0, 10), envoys: tested });
  console.log("envoy/matrix.json and the table in README.md are written.");
}

/** What else the record claims: the table shows it, and what was passed over is still no use. */
async function check(): Promise<void> {
  const record = readRecord();
  const fresh = (await withTable(readPage(), record)) === readPage();
  if (!fresh) console.log("The table in README.md is not the record's: npm run test:matrix -- --write");
  add({ passed: fresh ? 1 : 0, failed: fresh ? 0 : 1, skipped: 0 });
  for (const { version, reason } of tested.flatMap(({ passedOver }) => passedOver)) {
    const found = await reasonAgainst(version);
    console.log(`Envoy ${version}: ${found ?? "can be used now"}`);
    add(found === reason ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });
  }
  await tellOfNewer();
}

/** A newer patch is news, not a failure: the gate says the same until somebody writes the record anew. */
async function tellOfNewer(): Promise<void> {
  const offered = byMinor(await offeredVersions().catch(() => []));
  for (const { version, passedOver } of tested) {
    const [newest] = offered.get(minorOf(version)) ?? [];
    const known = [version, ...passedOver.map((other) => other.version)];
    if (newest && !known.includes(newest)) console.log(`Envoy ${newest} is out, and not in the record yet.`);
  }
}
