import { fieldsOf, itemsOf, type Fields } from "../input/loose.ts";
import { patternsOf } from "../policy/pattern.ts";
import type { Rule } from "../policy/rules.ts";
import type { PolicyObject } from "./policies.ts";
import { judge } from "./prometheus.ts";
import {
  endOf,
  leftMs,
  progressOf,
  rolloutOf,
  ruleAt,
  type Progress,
  type Rollout,
  type Verdict,
} from "./rollout.ts";

/** How often Prometheus is asked about a rollout. */
const ASK_MS = 10_000;
const BY_TIME: Verdict = { is: "fine", message: "by time alone" };

/** The rollouts of all policies. */
export class Rollouts {
  /** The last verdict on each rule, and which step it was about. */
  private readonly asked = new Map<string, { of: string; at: number; verdict: Verdict }>();
  private next: number | undefined;

  /** @param prometheus its URL; undefined: steps are by time alone */
  constructor(private readonly prometheus: string | undefined) {}

  /** The policies with the rules that hold now, and where each rollout stands, by the policy's UID. */
  async now(
    policies: readonly PolicyObject[],
    signal: AbortSignal,
  ): Promise<{ policies: PolicyObject[]; progress: Map<string, Progress[]> }> {
    const progress = new Map<string, Progress[]>();
    const left: number[] = [];
    const out: PolicyObject[] = [];
    for (const policy of policies) {
      const all: Progress[] = [];
      const rules: Fields[] = [];
      for (const [index, fields] of itemsOf(policy.spec.rules).map(fieldsOf).entries()) {
        const rollout = rolloutOf(fields);
        if (!rollout) {
          rules.push(fields);
          continue;
        }
        const known = knownOf(policy, index);
        const verdict = await this.verdict(policy, fields, known, rollout, signal);
        const now = Date.now();
        const one = progressOf({ index, fields }, rollout, known, { now, isReady: isReady(policy), verdict });
        const ms = leftMs(one, rollout, now);
        const isAsked = this.prometheus !== undefined && one.state === "Progressing";
        if (ms !== undefined) left.push(Math.max(1000, isAsked ? Math.min(ms, ASK_MS) : ms));
        all.push(one);
        rules.push(ruleAt(one, fields, rollout));
      }
      if (all.length > 0) progress.set(policy.uid, all);
      out.push(all.length > 0 ? { ...policy, spec: { ...policy.spec, rules } } : policy);
    }
    this.next = left.length > 0 ? Math.min(...left) : undefined;
    return { policies: out, progress };
  }

  /** In how many ms a step may end. */
  nextMs(): number | undefined {
    return this.next;
  }

  private async verdict(
    { uid }: PolicyObject,
    rule: Fields,
    known: Progress | undefined,
    rollout: Rollout,
    signal: AbortSignal,
  ): Promise<Verdict> {
    if (this.prometheus === undefined || known?.state !== "Progressing") return BY_TIME;
    const { maxFailures } = rollout;
    const key = `${uid} ${known.rule}`;
    // Another rollout of the rule has another beginning, and what was said of the one before says nothing of it.
    const of = `${known.step} ${known.since}`;
    const last = this.asked.get(key);
    const now = Date.now();
    // No step ends on what was said before its end.
    const endsAt = endOf(known, rollout);
    const isFresh = last?.of === of && now - last.at < ASK_MS && (now < endsAt || last.at >= endsAt);
    if (isFresh) return last.verdict;
    const patterns = patternsOf([rule as Rule]).map(({ text }) => text);
    const seconds = Math.max(60, Math.ceil((Date.now() - Date.parse(known.since)) / 1000));
    const verdict = await judge(this.prometheus, { patterns, seconds, maxFailures }, signal);
    this.asked.set(key, { of, at: now, verdict });
    return verdict;
  }
}

function knownOf({ status }: PolicyObject, index: number): Progress | undefined {
  const found = itemsOf(status.rollouts)
    .map(fieldsOf)
    .find(({ rule }) => rule === index);
  return found as Progress | undefined;
}

/** Whether what the policy asked for before holds. */
function isReady({ status }: PolicyObject): boolean {
  return itemsOf(status.conditions)
    .map(fieldsOf)
    .some(({ type, status: is }) => type === "Ready" && is === "True");
}
