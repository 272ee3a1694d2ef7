import type { Rule } from "./rules.ts";

/** What a rule may ask about a request beside its host, as in the filter (assembly/core/conditions.ts, caller.ts). */

/** The conditions of a rule: each list is met by one of its entries, and a list that is not there by everything. */
export type Conditions = Pick<Rule, "callers" | "paths" | "methods">;
type PathCondition = NonNullable<Rule["paths"]>[number];

/** A caller, as its proxy's node metadata calls it. */
export interface CallerFacts {
  /** NAMESPACE. */
  namespace: string;
  /** WORKLOAD_NAME. */
  workload: string;
}

/** What can be asked about a request. */
export interface RequestFacts {
  /** `:method`. */
  method: string;
  /** `:path`, query included. */
  path: string;
}

/** Whether a rule is for this caller. */
export function admitsCaller({ callers }: Conditions, { namespace, workload }: CallerFacts): boolean {
  if (callers === undefined) return true;
  return callers.some((caller) => {
    const [ofNamespace, ofWorkload] = caller.split("/") as [string, string];
    return fits(namespace, ofNamespace) && fits(workload, ofWorkload);
  });
}

/** Whether a rule is for this request, whoever sends it. */
export function admitsRequest({ paths, methods }: Conditions, { method, path }: RequestFacts): boolean {
  if (methods !== undefined && !methods.includes(method)) return false;
  const withoutQuery = path.split("?", 1)[0]!;
  return (
    paths === undefined ||
    paths.some(({ exact, prefix }) =>
      prefix === undefined ? withoutQuery === exact : withoutQuery.startsWith(prefix),
    )
  );
}

/** Whether it takes a request's own facts to know if a rule is for it. */
export function isConditional({ paths, methods }: Conditions): boolean {
  return paths !== undefined || methods !== undefined;
}

/**
 * Whether two rules have the same conditions, as written: list by list, in order. Of such two with the same pattern,
 * nothing could tell which to obey. Takes what is not well formed, too.
 */
export function sameConditions(
  a: { [Field in keyof Conditions]?: unknown },
  b: { [Field in keyof Conditions]?: unknown },
): boolean {
  const written = ({ callers, paths, methods }: typeof a) => JSON.stringify([callers, paths, methods]);
  return written(a) === written(b);
}

/** Whether whatever meets `inner` meets `outer`. Where that takes more than comparing entry by entry, it says no. */
export function includes(outer: Conditions, inner: Conditions): boolean {
  return (
    covers(outer.callers, inner.callers, callerCovers) &&
    covers(outer.paths, inner.paths, pathCovers) &&
    covers(outer.methods, inner.methods, (a, b) => a === b)
  );
}

function covers<T>(outer: T[] | undefined, inner: T[] | undefined, one: (outer: T, inner: T) => boolean) {
  if (outer === undefined) return true;
  return inner !== undefined && inner.every((entry) => outer.some((other) => one(other, entry)));
}

function callerCovers(outer: string, inner: string): boolean {
  const ours = outer.split("/");
  return inner.split("/").every((part, i) => {
    const pattern = ours[i]!;
    return pattern === part || (pattern.endsWith("*") && part.startsWith(pattern.slice(0, -1)));
  });
}

function pathCovers(outer: PathCondition, inner: PathCondition): boolean {
  if (outer.prefix === undefined) return outer.exact === inner.exact;
  return (inner.exact ?? inner.prefix ?? "").startsWith(outer.prefix);
}

/** Names of Kubernetes objects are lower case, however they are written here. */
function fits(text: string, written: string): boolean {
  const [name, pattern] = [text.toLowerCase(), written.toLowerCase()];
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
