import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FileError } from "./file-error.ts";

/** What became of a file. */
export interface Change {
  /** Relative to the folder. */
  path: string;
  change: "created" | "updated" | "unchanged";
}

/**
 * Writes files (by path relative to the folder) whole or not at all: each under a temporary name beside its own, and
 * only when all are there, renamed in the order given. A rename is also what makes a running Envoy read its file again.
 * Files that would not change are not touched. Throws FileError.
 */
export function writeFiles(dir: string, files: ReadonlyMap<string, string | Uint8Array>): Change[] {
  const changes = [...files].map(([path, content]) => ({ path, change: compare(join(dir, path), content) }));
  const changed = changes.filter(({ change }) => change !== "unchanged");
  const targets = changed.map(({ path }) => join(dir, path));
  // Of ten thousand files most are in one folder.
  for (const folder of new Set(targets.map((to) => dirname(to)))) makeFolder(folder);
  const staged: { from: string; to: string }[] = [];
  let renamed = 0;
  try {
    changed.forEach(({ path }, index) => staged.push(stage(targets[index]!, files.get(path) ?? "")));
    for (; renamed < staged.length; renamed++) rename(staged[renamed]!);
  } finally {
    for (const { from } of staged.slice(renamed)) rmSync(from, { force: true });
  }
  return changes;
}

function compare(file: string, content: string | Uint8Array): Change["change"] {
  try {
    return readFileSync(file).equals(Buffer.from(content)) ? "unchanged" : "updated";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "created";
    throw FileError.from(error, "write", file);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw FileError.from(error, "write", folder);
  }
}

function stage(to: string, content: string | Uint8Array): { from: string; to: string } {
  const from = join(dirname(to), `.${basename(to)}.${process.pid}.tmp`);
  try {
    writeFileSync(from, content);
  } catch (error) {
    rmSync(from, { force: true });
    throw FileError.from(error, "write", to);
  }
  return { from, to };
}

function rename({ from, to }: { from: string; to: string }): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw FileError.from(error, "write", to);
  }
}
