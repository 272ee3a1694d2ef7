import { createHash } from "node:crypto";
import { fieldsOf } from "../../input/loose.ts";

/** Whether two values are the same, whatever the order of their fields. */
export function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** The same for two values that are equal; 16 hexadecimal digits. */
export function digestOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex")
    .slice(0, 16);
}

const DIGESTS = new WeakMap<object, string>();

/** `digestOf` of an object that nobody changes, which is computed once. */
export function digestOfFixed(value: object): string {
  let digest = DIGESTS.get(value);
  if (digest === undefined) DIGESTS.set(value, (digest = digestOf(value)));
  return digest;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(fieldsOf(value)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
