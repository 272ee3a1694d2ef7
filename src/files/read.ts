import { readFileSync } from "node:fs";
import { FileError } from "./file-error.ts";

/** The bytes of a file. Throws FileError. */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw FileError.from(error, "read", file);
  }
}

/** The text of a file in UTF-8. Throws FileError. */
export function readText(file: string): string {
  const bytes = readBytes(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError("read", file, "it is not a text in UTF-8");
  }
}
