import { fieldsOf, itemsOf, leaveOut, numberOf, textOf, type Fields } from "../input/loose.ts";
import { digestOf } from "../inventory/kubernetes/digest.ts";

/** `rollout` of a rule: it begins as `observe`, then is for a part of its requests, step by step, then for all. */
export interface Rollout {
  steps: { percent: number; ms: number }[];
  /** So many percent of the kept requests may fail more than of the others. */
  maxFailures: number;
}

/** Where a rollout stands; in the policy's status, so that it outlives the controller. */
export interface Progress {
  /** The rule's index. */
  rule: number;
  /** What the rule was when it began: another one begins anew. */
  of: string;
  /** 0: observing. n: the nth step. One more than there are: all requests. */
  step: number;
  state: "Observing" | "Progressing" | "WentBack" | "Complete";
  /** When this step began; RFC 3339. */
  since: string;
  message: string;
}

/** What can be said of a rollout's requests. */
export interface Verdict {
  /** Unknown: as it stands, it stays. */
  is: "fine" | "failing" | "unknown";
  message: string;
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/** The rollout of a rule as it is written; undefined where it has none that makes sense. */
export function rolloutOf(rule: Fields): Rollout | undefined {
  const { steps, maxFailures } = fieldsOf(rule.rollout);
  const read = itemsOf(steps).map((one) => {
    const { percent, for: time } = fieldsOf(one);
    const [, value, unit] = /^(\d+)([smh])$/.exec(textOf(time) ?? "") ?? [];
    return { percent: numberOf(percent) ?? 0, ms: Number(value ?? NaN) * (UNITS[unit ?? ""] ?? NaN) };
  });
  if (read.length === 0 || read.some(({ ms }) => Number.isNaN(ms))) return undefined;
  return { steps: read, maxFailures: numberOf(maxFailures) ?? 1 };
}

/**
 * Where a rollout stands now.
 *
 * @param isReady what the step before asks for holds in the mesh
 */
export function progressOf(
  rule: { index: number; fields: Fields },
  rollout: Rollout,
  known: Progress | undefined,
  { now, isReady, verdict }: { now: number; isReady: boolean; verdict: Verdict },
): Progress {
  const of = digestOf(rule.fields);
  const begun = known?.of === of ? known : { step: 0, since: new Date(now).toISOString(), state: undefined };
  const at = (step: number, since: string, state?: Progress["state"], why = ""): Progress => ({
    ...{ rule: rule.index, of, step, since, state: state ?? stateOf(step, rollout) },
    message: wordsFor(step, since, rollout) + why,
  });
  const { step, since, state } = begun;
  if (known && (state === "WentBack" || state === "Complete")) return known;
  if (step > 0 && verdict.is === "failing")
    return {
      ...at(0, new Date(now).toISOString(), "WentBack"),
      message: `went back to observe at ${percentOf(step, rollout)}%: ${verdict.message}; another rollout begins when the rule is changed`,
    };
  if (now < Date.parse(since) + lengthOf(step, rollout)) return at(step, since);
  if (!isReady) return at(step, since, undefined, "; waits, as what this step asks for does not hold");
  if (verdict.is === "unknown") return at(step, since, undefined, `; waits: ${verdict.message}`);
  return at(step + 1, new Date(now).toISOString());
}

/** When its step ends, in ms since 1970; Infinity where there is none. */
export function endOf({ step, since }: Progress, rollout: Rollout): number {
  return Date.parse(since) + lengthOf(step, rollout);
}

/** When the step ends, in ms from now; undefined where no more comes. */
export function leftMs(progress: Progress, rollout: Rollout, now: number): number | undefined {
  if (progress.state === "WentBack" || progress.state === "Complete") return undefined;
  return Math.max(0, endOf(progress, rollout) - now);
}

/** The rule as it is to be now. */
export function ruleAt({ step, state }: Progress, rule: Fields, rollout: Rollout): Fields {
  const whole = leaveOut(rule, "rollout");
  if (state === "Complete") return whole;
  if (step > 0) return { ...whole, percent: percentOf(step, rollout) };
  const { services, hosts, callers, paths, methods } = whole;
  const left = Object.entries({ services, hosts, callers, paths, methods });
  return { ...Object.fromEntries(left.filter(([, value]) => value !== undefined)), mode: "observe" };
}

const percentOf = (step: number, { steps }: Rollout) => steps[step - 1]?.percent ?? 100;
const lengthOf = (step: number, { steps }: Rollout) => steps[Math.max(0, step - 1)]?.ms ?? Infinity;

function stateOf(step: number, { steps }: Rollout): Progress["state"] {
  if (step === 0) return "Observing";
  return step > steps.length ? "Complete" : "Progressing";
}

function wordsFor(step: number, since: string, rollout: Rollout): string {
  if (step > rollout.steps.length) return "for all requests";
  const next = step === rollout.steps.length ? "all" : `${percentOf(step + 1, rollout)}%`;
  const then = new Date(Date.parse(since) + lengthOf(step, rollout)).toISOString().replace(/\.\d+Z$/, "Z");
  const now = step === 0 ? "observes" : `for ${percentOf(step, rollout)}% of the requests`;
  return `${now}; for ${next} from ${then}`;
}
