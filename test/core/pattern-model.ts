/**
 * Which rule is obeyed, in the plainest words: every pattern is tried, and the best of those that fit is taken
 * (assembly/core/lookup.ts finds it in one pass).
 */
export interface Rule {
  services?: string[];
  hosts?: string[];
  mode: string;
  callers?: string[];
  paths?: ({ exact: string } | { prefix: string })[];
  methods?: string[];
}

export interface Request {
  host: string;
  /** The host was completed by a guess. */
  guessed: boolean;
  method: string;
  path: string;
}

export interface Caller {
  namespace: string;
  workload: string;
}

/** One pattern of a rule. */
interface Pattern {
  rule: Rule;
  where: string;
  written: string;
  /** The host that it stands for; of a wildcard what is behind the star, so that `*` is nothing. */
  host: string;
  wildcard: boolean;
}

export function patternsOf(rules: Rule[], domain: string): Pattern[] {
  return rules.flatMap((rule, i) =>
    (["services", "hosts"] as const).flatMap((list) =>
      (rule[list] ?? []).map((written, j) => {
        const full = (list === "hosts" ? written : hostOf(written, domain)).toLowerCase();
        const wildcard = full.startsWith("*");
        const host = wildcard ? full.slice(1) : full;
        return { rule, where: `rules[${i}].${list}[${j}]`, written, host, wildcard };
      }),
    ),
  );
}

function hostOf(service: string, domain: string): string {
  if (service === "*") return `*.svc.${domain}`;
  const [namespace, name] = service.split("/");
  return `${name}.${namespace}.svc.${domain}`;
}

/** The problems of rules that name the same hosts under the same conditions. */
export function clashes(patterns: Pattern[]): string[] {
  const first = new Map<string, Pattern>();
  return patterns.flatMap((pattern) => {
    const { callers, paths, methods } = pattern.rule;
    const key = JSON.stringify([pattern.host, pattern.wildcard, callers, paths, methods]);
    const twin = first.get(key);
    if (!twin) first.set(key, pattern);
    return twin ? [`${pattern.where}: names the same hosts as ${twin.where}, allowed once`] : [];
  });
}

/**
 * The rule that governs a request, as `pattern mode`; nothing for none. A guess is left to patterns that name its namespace.
 */
export function govern(patterns: Pattern[], request: Request, caller: Caller, domain: string): string {
  const host = request.host.toLowerCase();
  const fitting = patterns
    .filter((pattern) => (pattern.wildcard ? host.endsWith(pattern.host) : host === pattern.host))
    .filter(({ rule }) => admits(rule, request, caller))
    .filter(({ wildcard, host }) => !request.guessed || !wildcard || !`.svc.${domain}`.endsWith(host));
  // Exact ones first, then the longest; among equals the first in the file, which the sort leaves there.
  fitting.sort((a, b) => Number(a.wildcard) - Number(b.wildcard) || b.host.length - a.host.length);
  const best = fitting[0];
  return best ? `${best.written} ${best.rule.mode}` : "";
}

function admits({ callers, paths, methods }: Rule, { method, path }: Request, caller: Caller): boolean {
  const plainPath = path.split("?")[0]!;
  return (
    (callers?.some((each) => {
      const [namespace, workload] = each.split("/");
      return glob(namespace!, caller.namespace) && glob(workload!, caller.workload);
    }) ??
      true) &&
    (paths?.some((each) =>
      "exact" in each ? plainPath === each.exact : plainPath.startsWith(each.prefix),
    ) ??
      true) &&
    (methods?.includes(method) ?? true)
  );
}

function glob(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
