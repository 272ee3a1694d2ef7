import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { FileError } from "./file-error.ts";
import { behindLinks, renewLink } from "./links.ts";
import { sweep, temporaryFile } from "./temporary.ts";

/** What became of a file. */
export interface Change {
  /** Relative to the folder. */
  path: string;
  change: "created" | "updated" | "unchanged";
}

/**
 * Writes files (by path relative to the folder) whole or not at all: each under a temporary name beside its own, and
 * only when all are there, renamed in the order given. A rename is also what makes a running Envoy read its file again.
 * Files that would not change are not touched. Those that are there keep their mode, their owner where the process may
 * give it, and the symbolic links that lead to them. Throws FileError.
 */
export function writeFiles(dir: string, files: ReadonlyMap<string, string | Uint8Array>): Change[] {
  const changes = [...files].map(([path, content]) => ({ path, change: compare(join(dir, path), content) }));
  const changed = changes.filter(({ change }) => change !== "unchanged");
  const targets = changed.map(({ path }) => ({ named: join(dir, path), file: behindLinks(join(dir, path)) }));
  // Of ten thousand files most are in one folder.
  const folders = new Set(targets.map(({ file }) => dirname(file)));
  folders.forEach(makeFolder);
  // What a killed run left is also where nothing has to be written now.
  for (const folder of new Set([...folders, ...[...files.keys()].map((path) => dirname(join(dir, path)))]))
    sweep(folder);
  const staged: Staged[] = [];
  let renamed = 0;
  try {
    changed.forEach(({ path }, index) => {
      const from = temporaryFile(targets[index]!.file, files.get(path) ?? "");
      staged.push({ ...targets[index]!, from });
    });
    for (; renamed < staged.length; renamed++) putInPlace(staged[renamed]!);
  } finally {
    for (const { from } of staged.slice(renamed)) rmSync(from, { force: true });
  }
  return changes;
}

interface Staged {
  from: string;
  /** Behind the links. */
  file: string;
  /** As it was asked for. */
  named: string;
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

function putInPlace({ from, file, named }: Staged): void {
  try {
    renameSync(from, file);
  } catch (error) {
    throw FileError.from(error, "write", file);
  }
  renewLink(named);
}
