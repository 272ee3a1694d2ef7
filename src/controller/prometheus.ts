import { at, fieldsOf, itemsOf } from "../input/loose.ts";
import type { Verdict } from "./rollout.ts";

/** Fewer kept requests say nothing. */
const FEW = 20;
const FAILED = /^(?:5\d\d|0)$/;

export interface Question {
  /** Of the rule, as they are written. */
  patterns: readonly string[];
  /** How far back. */
  seconds: number;
  /** In percent of the requests. */
  maxFailures: number;
}

/**
 * Whether a rule's kept requests fail more than those outside of its `percent`, by Envoy's counters (examples/guide/counters.md). A
 * Prometheus that does not answer, or is asked for nothing that it has, is no reason to go on.
 */
export async function judge(url: string, question: Question, signal: AbortSignal): Promise<Verdict> {
  const { patterns, seconds, maxFailures } = question;
  // JSON's escapes are those of PromQL's texts; RE2 is to take each pattern literally.
  const rule = JSON.stringify(patterns.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"));
  const query = `sum by (mode, code) (increase(envoy_cluster_local_upstream{rule=~${rule}}[${seconds}s]))`;
  try {
    const ask = new URL("/api/v1/query", url);
    ask.searchParams.set("query", query);
    const answer = await fetch(ask, { signal: AbortSignal.any([signal, AbortSignal.timeout(3000)]) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const series = itemsOf(at(await answer.json(), "data", "result")).map(fieldsOf);
    return verdictOn(series.map(seriesOf), maxFailures);
  } catch (error) {
    return { is: "unknown", message: `Prometheus cannot be asked: ${(error as Error).message}` };
  }
}

interface Series {
  mode: string;
  code: string;
  count: number;
}

function seriesOf({ metric, value }: Record<string, unknown>): Series {
  const { mode, code } = fieldsOf(metric);
  return { mode: String(mode), code: String(code), count: Number(itemsOf(value)[1]) };
}

/** What the counts say. */
export function verdictOn(series: readonly Series[], maxFailures: number): Verdict {
  const share = (modes: readonly string[]) => {
    const all = series.filter(({ mode }) => modes.includes(mode));
    const sum = (list: readonly Series[]) => list.reduce((total, { count }) => total + count, 0);
    const total = sum(all);
    return {
      total,
      percent: total === 0 ? 0 : (100 * sum(all.filter(({ code }) => FAILED.test(code)))) / total,
    };
  };
  const [kept, others] = [share(["strict", "prefer"]), share(["off"])];
  if (kept.total < FEW)
    return { is: "unknown", message: `only ${Math.round(kept.total)} requests were kept local` };
  const message = `${kept.percent.toFixed(1)}% of the kept requests failed, ${others.percent.toFixed(1)}% of the others`;
  return { is: kept.percent - others.percent > maxFailures ? "failing" : "fine", message };
}
