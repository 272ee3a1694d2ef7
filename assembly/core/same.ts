import { List } from "./list";
import { equals } from "./bytes";
import { Rule } from "./config";

/**
 * Whether two rules have the same conditions, as written. Then, with the same pattern, nothing could tell which of them to
 * obey; with different ones, the first that takes a request is obeyed.
 */
export function same(a: Rule, b: Rule): bool {
  return sameTexts(a.callers, b.callers) && sameTexts(a.methods, b.methods) && sameTexts(a.paths, b.paths);
}

function sameTexts(a: List<ArrayBuffer> | null, b: List<ArrayBuffer> | null): bool {
  if (!a || !b) return !a && !b;
  if (a.length != b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameText(a[i], b[i])) return false;
  return true;
}

/** Whether two texts are the same. */
export function sameText(a: ArrayBuffer, b: ArrayBuffer): bool {
  return equals(changetype<usize>(a), a.byteLength, changetype<usize>(b), b.byteLength);
}
