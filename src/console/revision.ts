import { createHash } from "node:crypto";

/** What tells two contents of a file apart. */
export function revisionOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
