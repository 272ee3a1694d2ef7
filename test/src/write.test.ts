import { spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  watch,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
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

describe("temporary files", () => {
  const left = (pid: number, machine = hostname()) => `.cluster-local.${machine}.${pid}.0123456789ab.tmp`;

  /** The number of a process that has ended. */
  function dead(): number {
    return spawnSync(process.execPath, ["-e", ""]).pid;
  }

  test("that a killed run left are removed by the next, also where nothing changes", () => {
    writeFiles(dir, files({ "sub/a": "1" }));
    writeFileSync(join(dir, "sub", left(dead())), "half");
    writeFiles(dir, files({ "sub/a": "1" }));
    expect(readdirSync(join(dir, "sub"))).toEqual(["a"]);
  });

  test("of a run that was really killed are removed by the next", () => {
    const write = join(import.meta.dirname, "../../src/files/write.ts");
    // Killed when both temporary files are there, and neither is in its place.
    const script = `
      import fs from "node:fs";
      import { syncBuiltinESMExports } from "node:module";
      fs.renameSync = () => process.kill(process.pid, "SIGKILL");
      syncBuiltinESMExports();
      const { writeFiles } = await import(${JSON.stringify(write)});
      writeFiles(${JSON.stringify(dir)}, new Map([["a", "1"], ["b", "2"]]));`;
    const { signal } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
    expect(signal).toBe("SIGKILL");
    expect(readdirSync(dir)).toHaveLength(2);
    writeFiles(dir, files({ a: "1" }));
    expect(readdirSync(dir)).toEqual(["a"]);
  });

  test("of others that may still run, and files that are not ours, are left alone", () => {
    const others = [left(process.ppid), left(dead(), "elsewhere"), ".a.123.tmp", ".cluster-local.x.tmp"];
    for (const name of others) writeFileSync(join(dir, name), "");
    writeFiles(dir, files({ a: "1" }));
    expect(readdirSync(dir).sort()).toEqual([...others, "a"].sort());
    for (const name of others) utimesSync(join(dir, name), 0, 0);
    writeFiles(dir, files({ a: "2" }));
    expect(readdirSync(dir).sort()).toEqual([".a.123.tmp", ".cluster-local.x.tmp", "a"]);
  });

  test("have room beside the longest name", () => {
    const name = "a".repeat(255);
    writeFiles(dir, files({ [name]: "1" }));
    expect(readdirSync(dir)).toEqual([name]);
  });
});

describe("what is there already", () => {
  const modeOf = (name: string) => statSync(join(dir, name)).mode & 0o7777;

  test("keeps its mode, whatever the umask", () => {
    for (const mode of [0o600, 0o640, 0o666, 0o755]) {
      writeFileSync(join(dir, "a"), "1");
      chmodSync(join(dir, "a"), mode);
      writeFiles(dir, files({ a: String(mode) }));
      expect(modeOf("a")).toBe(mode);
    }
  });

  test("keeps its owner, where the process may give files away", ({ skip }) => {
    skip(process.getuid?.() !== 0, "only root may");
    writeFileSync(join(dir, "a"), "1");
    chownSync(join(dir, "a"), 1234, 4321);
    chmodSync(join(dir, "a"), 0o4750);
    writeFiles(dir, files({ a: "2" }));
    const { uid, gid } = statSync(join(dir, "a"));
    expect([uid, gid, modeOf("a")]).toEqual([1234, 4321, 0o4750]);
  });

  test("is written through symbolic links, which stay", () => {
    mkdirSync(join(dir, "real"));
    writeFileSync(join(dir, "real/policy"), "1", { mode: 0o600 });
    symlinkSync("real/policy", join(dir, "first"));
    symlinkSync("first", join(dir, "second"));
    expect(writeFiles(dir, files({ second: "2" }))).toEqual([{ path: "second", change: "updated" }]);
    expect(readFileSync(join(dir, "real/policy"), "utf8")).toBe("2");
    expect([readlinkSync(join(dir, "first")), readlinkSync(join(dir, "second"))]).toEqual([
      "real/policy",
      "first",
    ]);
    expect(modeOf("real/policy")).toBe(0o600);
    expect(readdirSync(dir).sort()).toEqual(["first", "real", "second"]);
    expect(readdirSync(join(dir, "real"))).toEqual(["policy"]);
  });

  test("is made where a symbolic link leads, also by a folder that is one", () => {
    mkdirSync(join(dir, "there/in"), { recursive: true });
    symlinkSync("there/in", join(dir, "folder"));
    symlinkSync("../new", join(dir, "there/in/link"));
    expect(writeFiles(dir, files({ "folder/link": "1" }))[0]?.change).toBe("created");
    expect(readFileSync(join(dir, "there/new"), "utf8")).toBe("1");
    expect(readlinkSync(join(dir, "there/in/link"))).toBe("../new");
  });

  test("is seen to be replaced by who watches the folder of the link", async () => {
    mkdirSync(join(dir, "real"));
    mkdirSync(join(dir, "watched"));
    writeFileSync(join(dir, "real/file"), "1");
    symlinkSync("../real/file", join(dir, "watched/file"));
    const watcher = watch(join(dir, "watched"));
    const seen = once(watcher, "change") as Promise<[string, string]>;
    writeFiles(join(dir, "watched"), files({ file: "2" }));
    await seen;
    watcher.close();
    expect(readFileSync(join(dir, "watched/file"), "utf8")).toBe("2");
  });
});
