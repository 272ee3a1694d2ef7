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

/** The text of a file in UTF-8, or in UTF-16 with a byte order mark. Throws FileError. */
export function readText(file: string): string {
  return decode(readBytes(file), file);
}

/** What messages call what is piped in. */
const STANDARD_INPUT = "(standard input)";
let isPipeRead = false;

/** The text of a file, or of what is piped in (`-`), which there is once; and how to call it. Throws FileError. */
export function readInput(path: string): { file: string; text: string } {
  if (path !== "-") return { file: path, text: readText(path) };
  const file = STANDARD_INPUT;
  if (isPipeRead) throw new FileError("read", file, "it was read already, for another option or argument");
  isPipeRead = true;
  try {
    return { file, text: decode(readFileSync(0), file) };
  } catch (error) {
    throw error instanceof FileError ? error : FileError.from(error, "read", file);
  }
}

/** By the byte order mark; PowerShell redirects in UTF-16. */
function decode(bytes: Buffer, file: string): string {
  const mark = bytes.subarray(0, 2).toString("hex");
  const encoding = mark === "fffe" ? "utf-16le" : mark === "feff" ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new FileError("read", file, "it is not a text in UTF-8, or in UTF-16 with a byte order mark");
  }
}

/** A text in the encoding, and with the byte order mark, of a file that it replaces. */
export function encodeLike(text: string, bytes: Buffer): Buffer {
  const mark = bytes.subarray(0, 3).toString("hex");
  if (mark.startsWith("fffe")) return Buffer.from(`\ufeff${text}`, "utf16le");
  if (mark.startsWith("feff")) return Buffer.from(`\ufeff${text}`, "utf16le").swap16();
  return Buffer.from(mark === "efbbbf" ? `\ufeff${text}` : text);
}
