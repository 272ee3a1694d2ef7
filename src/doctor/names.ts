import { count } from "../input/words.ts";

/** So many names stand in a message; the others are counted. */
const SHOWN = 3;

/** `a, b, c and 7 more`. */
export function names(all: readonly string[]): string {
  const distinct = [...new Set(all)];
  if (distinct.length <= SHOWN) return distinct.join(", ");
  return `${distinct.slice(0, SHOWN).join(", ")} and ${distinct.length - SHOWN} more`;
}

/** `the one endpoint`, `all 2 endpoints`. */
export function all(number: number, what: string): string {
  return number === 1 ? `the one ${what}` : `all ${count(number, what)}`;
}
