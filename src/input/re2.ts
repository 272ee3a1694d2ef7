import { RE2JS } from "re2js";

/**
 * Whether RE2 matches the whole text, as Envoy's `safe_regex` asks (source/common/common/regex.cc, RE2::FullMatch), in time
 * that is linear in it; undefined where the expression is none of RE2's, or means something else to its port.
 */
export function matchesRe2(expression: string, text: string): boolean | undefined {
  try {
    return compiled(expression)?.matches(text);
  } catch {
    return undefined;
  }
}

/** The last expressions: a route is asked about many requests. */
const known = new Map<string, RE2JS | undefined>();
const KEPT = 1000;

function compiled(expression: string): RE2JS | undefined {
  if (known.has(expression)) return known.get(expression);
  const found = compile(expression);
  if (known.size >= KEPT) known.clear();
  known.set(expression, found);
  return found;
}

function compile(expression: string): RE2JS | undefined {
  try {
    return RE2JS.compile(expression);
  } catch {
    return undefined;
  }
}
