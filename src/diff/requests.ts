import type { Rule } from "../policy/rules.ts";

/** Requests that the rules cannot tell apart, by one of them. */
export interface RequestClass {
  /** How people call it: `GET /api*`; empty for all requests. */
  name: string;
  method: string;
  path: string;
}

/**
 * The classes of requests that some rules tell apart: for each method that one names, and any other, each path that one
 * names, and any other.
 */
export function requestClasses(rules: readonly Rule[]): RequestClass[] {
  const named = new Set(rules.flatMap(({ methods = [] }) => methods));
  const methods: [name: string, method: string][] = [...named].map((method) => [method, method]);
  if (named.size > 0) methods.push(["other methods", other(["GET", "POST", "PUT", "OTHER"], named)]);
  else methods.push(["", "GET"]);
  const paths = pathClasses(rules);
  return methods.flatMap(([name, method]) =>
    paths.map(([text, path]) => ({
      name: [name, text].filter((part) => part !== "").join(" "),
      method,
      path,
    })),
  );
}

/** So is a path made that no rule names as a whole. */
const UNNAMED = "~other";

function pathClasses(rules: readonly Rule[]): [name: string, path: string][] {
  const conditions = rules.flatMap(({ paths = [] }) => paths);
  if (conditions.length === 0) return [["", "/"]];
  const classes = new Map<string, string>();
  for (const { exact } of conditions) if (exact !== undefined) classes.set(exact, exact);
  for (const { prefix } of conditions)
    if (prefix !== undefined) classes.set(`${prefix}*`, `${prefix}${UNNAMED}`);
  if (!classes.has("/*")) classes.set("other paths", `/${UNNAMED}`);
  return [...classes];
}

function other(options: readonly string[], named: ReadonlySet<string>): string {
  return options.find((option) => !named.has(option)) ?? "ANY-OTHER";
}
