import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { format } from "prettier";

/** How the real-Envoy tests went on one Envoy. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What was tested of one minor release. */
export interface Tested extends Counts {
  /** The newest patch that can run the filter. */
  version: string;
  /** Newer patches that cannot, and why. */
  passedOver: { version: string; reason: string }[];
}

/** The last run that was written down. */
export interface MatrixRecord {
  /** The day of the run, UTC, `YYYY-MM-DD`. */
  date: string;
  /** Oldest first, one for each supported minor release. */
  envoys: Tested[];
}

const recordFile = fileURLToPath(new URL("../../envoy/matrix.json", import.meta.url));
const pageFile = fileURLToPath(new URL("../../README.md", import.meta.url));
const begin = "<!-- matrix: written by npm run test:matrix -- --write -->";
const end = "<!-- /matrix -->";

export const readRecord = (): MatrixRecord => JSON.parse(readFileSync(recordFile, "utf8")) as MatrixRecord;
export const readPage = (): string => readFileSync(pageFile, "utf8");

/** Writes the record, and the table in README.md that shows it. */
export async function writeRecord(record: MatrixRecord): Promise<void> {
  writeFileSync(recordFile, await format(JSON.stringify(record), { parser: "json", printWidth: 110 }));
  writeFileSync(pageFile, await withTable(readPage(), record));
}

/** A page with the table between its markers made anew. Throws when there are no markers. */
export async function withTable(page: string, record: MatrixRecord): Promise<string> {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no place for the table: ${begin} … ${end}`);
  const table = await format(tableOf(record), { parser: "markdown", printWidth: 110 });
  return `${page.slice(0, from)}${begin}\n\n${table}\n${page.slice(to)}`;
}

function tableOf({ date, envoys }: MatrixRecord): string {
  const rows = envoys.map(({ version, passed, failed, skipped, passedOver }) => {
    const tests = `${passed} passed${failed ? `, ${failed} failed` : ""}${skipped ? `, ${skipped} skipped` : ""}`;
    const remark = passedOver.map((other) => `the wheel ${other.version} is ${other.reason}`).join("; ");
    return `| ${version} | ${tests} | ${date} | ${remark} |`;
  });
  return ["| Envoy | real-Envoy tests | when | |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
