import { statSync } from "node:fs";
import { filesOf } from "../inventory/kubernetes/files.ts";
import type { Io } from "./io.ts";

/** Says that a file or folder is read, where that takes a while. */
export function reading(io: Io, path: string): void {
  io.busy?.(`reading ${path === "-" ? "the standard input" : path}`, sizeOf(path));
}

function sizeOf(path: string): number {
  try {
    return filesOf(path).reduce((sum, file) => sum + statSync(file).size, 0);
  } catch {
    // What cannot be read is reported where it is read.
    return 0;
  }
}
