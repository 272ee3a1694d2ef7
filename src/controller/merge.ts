import { textOf } from "../input/loose.ts";
import { formatProblem } from "../input/problem.ts";
import { parseText } from "../input/parse.ts";
import { hostsOf, patternsOf, type WrittenPattern } from "../policy/pattern.ts";
import { policySchema, type Policy } from "../policy/policy.ts";
import type { Rule } from "../policy/rules.ts";
import { byAge, titleOfPolicy, type PolicyObject } from "./policies.ts";

/** Why a policy is not obeyed, in a word and in words. */
export interface Refusal {
  reason: "Invalid" | "ForeignService" | "Conflicted";
  message: string;
}

/** What all policies together ask for. */
export interface Merged {
  policy: Policy;
  /** Whose each rule of `policy` is, by its index. */
  owners: PolicyObject[];
  /** Refused whole, by UID. */
  refused: Map<string, Refusal>;
  /** What others, which are older, have named before, by UID. */
  conflicts: Map<string, string[]>;
  /** Of the mesh: Auto, Routes or Endpoints. */
  routing: string;
}

/** Fields of `spec` that the policy file does not have. */
const EXTRAS = ["allowEmpty", "routing"];
/** What there is one of for the whole mesh. */
const SETTINGS = ["clusters", "clusterDomain", "override", "names", "routing"] as const;

/**
 * Merges policies as people expect: the most specific pattern wins, wherever it is written; of two policies with the same pattern the
 * older holds. A policy that is wrong is left out, and costs no other anything.
 *
 * @param clusters those of the mesh
 */
export function merge(objects: readonly PolicyObject[], clusters: readonly string[]): Merged {
  const refused = new Map<string, Refusal>();
  const conflicts = new Map<string, string[]>();
  const taken = new Map<string, PolicyObject>();
  const [owners, rules]: [PolicyObject[], Rule[]] = [[], []];
  const live = objects.filter(({ isDeleted }) => !isDeleted).sort(byAge);
  const read = live.map((object) => ({ object, result: readSpec(object, clusters) }));
  const meshWide = read.filter(({ object, result }) => object.namespace === undefined && result.policy);
  const first = meshWide[0];
  const settings = first?.result.policy ?? emptyPolicy(clusters);
  // Those that a policy forgets are of the mesh all the same.
  const base = { ...settings, clusters: [...new Set([...settings.clusters, ...clusters])] };
  const conflict = (object: PolicyObject, what: string, other: PolicyObject) => {
    const message = `${what} is named by ${titleOfPolicy(other)}, which is older`;
    conflicts.set(object.uid, [...(conflicts.get(object.uid) ?? []), message]);
  };
  for (const { object } of meshWide.slice(1))
    for (const field of SETTINGS.filter((name) => differs(object, first!.object, name)))
      conflict(object, `spec.${field}`, first!.object);
  for (const { object, result } of read) {
    if (!result.policy) {
      refused.set(object.uid, result.refusal);
      continue;
    }
    const others = (pattern: WrittenPattern) => {
      const other = taken.get(hostsOf(pattern, base.clusterDomain));
      return other === undefined || other === object ? undefined : other;
    };
    const isFree = (pattern: WrittenPattern) => others(pattern) === undefined;
    const own = result.policy.enabled ? result.policy.rules : [];
    for (const pattern of patternsOf(own)) {
      const other = others(pattern);
      if (other) conflict(object, pattern.text, other);
    }
    const kept = own.flatMap((rule) => restricted(rule, isFree));
    for (const pattern of patternsOf(kept)) taken.set(hostsOf(pattern, base.clusterDomain), object);
    for (const rule of kept) {
      rules.push(rule);
      owners.push(object);
    }
    if (own.length > 0 && kept.length === 0)
      refused.set(object.uid, { reason: "Conflicted", message: conflicts.get(object.uid)!.join("; ") });
  }
  const routing = textOf(first?.object.spec.routing) ?? "Auto";
  return { policy: { ...base, enabled: true, rules }, owners, refused, conflicts, routing };
}

/** The rule with the patterns that pass; nothing where none does. */
export function restricted(rule: Rule, passes: (pattern: WrittenPattern) => boolean): Rule[] {
  const patterns = patternsOf([rule]).filter(passes);
  if (patterns.length === 0) return [];
  const rest = { ...rule };
  delete rest.services;
  delete rest.hosts;
  const [services, hosts] = (["services", "hosts"] as const).map((kind) =>
    patterns.filter((one) => one.kind === kind).map(({ text }) => text),
  );
  return [{ ...rest, ...(services!.length > 0 && { services }), ...(hosts!.length > 0 && { hosts }) }];
}

type Read = { policy: Policy } | { policy?: undefined; refusal: Refusal };

function readSpec({ spec, namespace }: PolicyObject, clusters: readonly string[]): Read {
  const own = Object.entries(spec).filter(([name]) => !EXTRAS.includes(name));
  const text = JSON.stringify({ version: 1, clusters, ...Object.fromEntries(own) });
  const parsed = parseText(policySchema, text, "spec", "json");
  if (!parsed.ok) {
    const message = parsed.problems
      .map(({ code, file, path, message, hint }) =>
        formatProblem({ code, file, path, message, ...(hint !== undefined && { hint }) }),
      )
      .join("; ");
    return { refusal: { reason: "Invalid", message } };
  }
  const policy = parsed.value;
  if (namespace === undefined) return { policy };
  const foreign = patternsOf(policy.rules).filter((one) => !isOf(one, namespace, policy.clusterDomain));
  if (foreign.length === 0) return { policy };
  const names = foreign.map(({ text }) => text).join(", ");
  const message = `${names}: not of this namespace, allowed: services of "${namespace}/" (a ClusterLocalMeshPolicy may name all)`;
  return { refusal: { reason: "ForeignService", message } };
}

function isOf(pattern: WrittenPattern, namespace: string, domain: string): boolean {
  const suffix = `.${namespace}.svc.${domain}`.toLowerCase();
  return hostsOf(pattern, domain).replace(/^\*/, "x").endsWith(suffix);
}

function emptyPolicy(clusters: readonly string[]): Policy {
  return policySchema.parse({ version: 1, clusters: clusters.length > 0 ? clusters : ["-"] });
}

function differs(one: PolicyObject, other: PolicyObject, field: string): boolean {
  return (
    one.spec[field] !== undefined && JSON.stringify(one.spec[field]) !== JSON.stringify(other.spec[field])
  );
}
