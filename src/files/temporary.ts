import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, lstatSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { FileError } from "./file-error.ts";

/**
 * `.cluster-local.<machine>.<process>.<count>.tmp`: not made of the file's own name, as the longest that a file may have
 * leaves no room for more.
 */
const NAME = /^\.cluster-local\.(.+)\.(\d+)\.[0-9a-f]+\.tmp$/;
/** So old is what nobody is still writing, whatever machine or container it is from; in milliseconds. */
const STALE = 60 * 60 * 1000;

/** A name for a temporary file of this process, which nothing has yet. */
export function temporaryName(): string {
  return `.cluster-local.${hostname()}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`;
}

/**
 * Writes what is to become of a file beside it, with its mode and owner; returns the name. Throws FileError.
 *
 * @param isNew nothing has the name of the file
 */
export function temporaryFile(file: string, content: string | Uint8Array, isNew: boolean): string {
  const name = join(dirname(file), temporaryName());
  try {
    const old = isNew ? undefined : statSync(file, { throwIfNoEntry: false });
    // Nobody who may not read the old content reads the new one, not even for a moment.
    writeFileSync(name, content, { flag: "wx", ...(old && { mode: old.mode & 0o700 }) });
    if (old) {
      // Giving a file away clears its special bits, so the mode comes after.
      if (process.getuid?.() === 0) chownSync(name, old.uid, old.gid);
      chmodSync(name, old.mode & 0o7777);
    }
  } catch (error) {
    rmSync(name, { force: true });
    throw FileError.from(error, "write", file);
  }
  return name;
}

/** Removes the temporary files that killed processes left in a folder; those of processes that run are left alone. */
export function sweep(folder: string): void {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (isLeftBehind(name, path)) rmSync(path, { force: true, recursive: true });
  }
}

function isLeftBehind(name: string, path: string): boolean {
  const [, machine, pid] = NAME.exec(name) ?? [];
  if (pid === undefined) return false;
  const written = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (machine !== hostname() || isRunning(Number(pid))) return Date.now() - written > STALE;
  return true;
}

/** Files are written in one go: what has the number of this process is of an earlier one. */
function isRunning(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** A folder that is not there yet, or may not be read, has nothing that could be removed. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
