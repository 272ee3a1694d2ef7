import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
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
  const there = namesThere(dir, files.keys());
  const changes = [...files].map(([path, content]): Change => {
    const change = there.has(path) ? compare(join(dir, path), content) : "created";
    return { path, change };
  });
  const changed = changes.filter(({ change }) => change !== "unchanged");
  const targets = changed.map(({ path }) => {
    const named = join(dir, path);
    return { named, file: there.has(path) ? behindLinks(named) : named, isNew: !there.has(path) };
  });
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
      const { file, isNew } = targets[index]!;
      const from = temporaryFile(file, files.get(path) ?? "", isNew);
      staged.push({ ...targets[index]!, from });
    });
    for (; renamed < staged.length; renamed++) putInPlace(staged[renamed]!);
  } finally {
    for (const { from } of staged.slice(renamed)) rmSync(from, { force: true });
  }
  return changes;
}

/** Those of the paths that may name something, a link that leads nowhere included: each folder is looked at once. */
function namesThere(dir: string, paths: Iterable<string>): Set<string> {
  const folders = new Map<string, Set<string> | undefined>();
  const there = new Set<string>();
  for (const path of paths) {
    const folder = dirname(join(dir, path));
    if (!folders.has(folder)) folders.set(folder, namesIn(folder));
    if (folders.get(folder)?.has(basename(path)) ?? true) there.add(path);
  }
  return there;
}

/** What stands in a folder; undefined where that may not be known. */
function namesIn(folder: string): Set<string> | undefined {
  try {
    return new Set(readdirSync(folder));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? new Set() : undefined;
  }
}

interface Staged {
  from: string;
  /** Behind the links. */
  file: string;
  /** As it was asked for. */
  named: string;
  /** Nothing had this name. */
  isNew: boolean;
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

function putInPlace({ from, file, named, isNew }: Staged): void {
  try {
    renameSync(from, file);
  } catch (error) {
    throw FileError.from(error, "write", file);
  }
  if (!isNew) renewLink(named);
}
