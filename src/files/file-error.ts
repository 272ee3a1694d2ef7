const REASONS: Record<string, string> = {
  ENOENT: "no such file or directory",
  EACCES: "no permission",
  EPERM: "no permission",
  EISDIR: "it is a directory, not a file",
  ENOTDIR: "a part of the path is a file, not a directory",
  EEXIST: "a part of the path is a file, not a directory",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  ELOOP: "too many symbolic links",
};

/** A file that cannot be read or written, said so that the user can do something about it. */
export class FileError extends Error {
  override readonly name = "FileError";

  constructor(doing: "read" | "write", file: string, reason: string) {
    super(`cannot ${doing} ${file}: ${reason}`);
  }

  /** From what node:fs throws; anything else is thrown on. */
  static from(error: unknown, doing: "read" | "write", file: string): FileError {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string") throw error;
    return new FileError(doing, file, REASONS[code] ?? code);
  }
}
