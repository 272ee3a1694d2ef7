import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FileError } from "../../src/files/file-error.ts";
import { writeFiles } from "../../src/files/write.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cluster-local-write-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const files = (entries: Record<string, string | Uint8Array>) => new Map(Object.entries(entries));

describe("writeFiles", () => {
  test("creates folders, and says what became of each file", () => {
    expect(writeFiles(join(dir, "new"), files({ "a/b.yaml": "1", "c.wasm": Buffer.from([0, 255]) }))).toEqual(
      [
        { path: "a/b.yaml", change: "created" },
        { path: "c.wasm", change: "created" },
      ],
    );
    expect(readFileSync(join(dir, "new/a/b.yaml"), "utf8")).toBe("1");
    expect([...readFileSync(join(dir, "new/c.wasm"))]).toEqual([0, 255]);
  });

  test("does not touch a file that would not change, and replaces one that would", () => {
    writeFiles(dir, files({ same: "1", other: "1" }));
    const before = (name: string) => statSync(join(dir, name)).ino;
    const [same, other] = [before("same"), before("other")];
    expect(writeFiles(dir, files({ same: "1", other: "2" })).map(({ change }) => change)).toEqual([
      "unchanged",
      "updated",
    ]);
    expect(before("same")).toBe(same);
    expect(before("other")).not.toBe(other);
  });

  test("leaves everything as it was when one file cannot be written", () => {
    writeFiles(dir, files({ a: "1" }));
    writeFileSync(join(dir, "file"), "");
    expect(() => writeFiles(dir, files({ a: "2", "file/b": "2" }))).toThrow(FileError);
    expect(readFileSync(join(dir, "a"), "utf8")).toBe("1");
    expect(readdirSync(dir).sort()).toEqual(["a", "file"]);
  });

  test("says what is in the way", () => {
    mkdirSync(join(dir, "a"));
    expect(() => writeFiles(dir, files({ a: "1" }))).toThrow(
      `cannot write ${join(dir, "a")}: it is a directory, not a file`,
    );
    symlinkSync("loop", join(dir, "loop"));
    expect(() => writeFiles(dir, files({ loop: "1" }))).toThrow("too many symbolic links");
  });

  test("says when there is no permission", ({ skip }) => {
    skip(process.getuid?.() === 0, "root may write anywhere");
    chmodSync(dir, 0o500);
    expect(() => writeFiles(dir, files({ a: "1" }))).toThrow("no permission");
    expect(existsSync(join(dir, "a"))).toBe(false);
  });
});
