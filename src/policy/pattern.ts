import type { Path } from "../input/path.ts";
import { MAX_HOST, PATTERNS } from "./names.ts";

/** Where a pattern is written: `services: [default/reviews]` or `hosts: [reviews.default.svc.cluster.local]`. */
export type PatternKind = "services" | "hosts";

/** A pattern with its place in the rules. */
export interface WrittenPattern {
  kind: PatternKind;
  text: string;
  rule: number;
  /** Its index in the rule's list of that kind. */
  index: number;
}

/** The path of a pattern in a file with `rules`. */
export function pathOf({ rule, kind, index }: WrittenPattern): Path {
  return ["rules", rule, kind, index];
}

/** The rules' patterns in the order of the file; what is no pattern is left out (that is a problem of its own). */
export function patternsOf(
  rules: readonly ({ services?: unknown; hosts?: unknown } | null)[],
): WrittenPattern[] {
  const kinds: readonly PatternKind[] = ["services", "hosts"];
  return rules.flatMap((rule, number) =>
    kinds.flatMap((kind) => {
      const texts = rule?.[kind];
      if (!Array.isArray(texts)) return [];
      return texts.flatMap((text: unknown, index) =>
        isPattern(kind, text) ? [{ kind, text, rule: number, index }] : [],
      );
    }),
  );
}

function isPattern(kind: PatternKind, text: unknown): text is string {
  return typeof text === "string" && PATTERNS[kind].test(text);
}

/**
 * The hosts that a pattern stands for, in lower case: a whole host name, `*.suffix`, or `*` for every host.
 * Two patterns are the same when this is.
 */
export function hostsOf(
  { kind, text }: Pick<WrittenPattern, "kind" | "text">,
  clusterDomain: string,
): string {
  if (kind === "hosts") return text.toLowerCase();
  const [namespace, name] = text.split("/");
  const labels = name === undefined ? ["*"] : [name, namespace];
  return [...labels, "svc", clusterDomain].join(".").toLowerCase();
}

/** Whether the pattern stands for hosts that cannot exist. */
export function isTooLong(hosts: string): boolean {
  return hosts.replace(/^\*\.?/, "").length > MAX_HOST;
}
