import { equals } from "./bytes";
import { PathMatch, Rule } from "./config";

/**
 * Whether two rules have the same conditions, as written. Then, with the same pattern, nothing could tell which of them to
 * obey; with different ones, the first that takes a request is obeyed.
 */
export function same(a: Rule, b: Rule): bool {
  return (
    a == b ||
    (sameTexts(a.callers, b.callers) && sameTexts(a.methods, b.methods) && samePaths(a.paths, b.paths))
  );
}

function sameTexts(a: ArrayBuffer[] | null, b: ArrayBuffer[] | null): bool {
  if (!a || !b) return !a && !b;
  if (a.length != b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameText(a[i], b[i])) return false;
  return true;
}

function samePaths(a: PathMatch[] | null, b: PathMatch[] | null): bool {
  if (!a || !b) return !a && !b;
  if (a.length != b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!samePath(a[i], b[i])) return false;
  }
  return true;
}

/** Whether two paths of a rule are the same. */
export function samePath(a: PathMatch, b: PathMatch): bool {
  return a.prefix == b.prefix && sameText(a.text, b.text);
}

/** Whether two texts are the same. */
export function sameText(a: ArrayBuffer, b: ArrayBuffer): bool {
  return equals(changetype<usize>(a), a.byteLength, changetype<usize>(b), b.byteLength);
}
