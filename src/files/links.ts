import { lstatSync, readlinkSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FileError } from "./file-error.ts";
import { temporaryName } from "./temporary.ts";

/** The file that a name leads to by symbolic links, also where it is not there yet. Throws FileError. */
export function behindLinks(name: string): string {
  try {
    return realpathSync(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw FileError.from(error, "write", name);
  }
  const link = linkAt(name);
  return link === undefined ? name : behindLinks(resolve(realpathSync(dirname(name)), link));
}

/**
 * Puts the same link in its own place, by rename: an Envoy that was given the link's name watches the link's folder, and
 * would not see that the file behind it, in another folder, was replaced (source/common/filesystem/inotify).
 */
export function renewLink(name: string): void {
  const link = linkAt(name);
  if (link === undefined) return;
  const fresh = join(dirname(name), temporaryName());
  try {
    symlinkSync(link, fresh);
    renameSync(fresh, name);
  } catch {
    // The file is written; whoever may not change the folder of the link could not tell a watcher before either.
    rmSync(fresh, { force: true });
  }
}

/** What a symbolic link says; undefined for what is none. */
function linkAt(name: string): string | undefined {
  const isLink = lstatSync(name, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? readlinkSync(name) : undefined;
}
