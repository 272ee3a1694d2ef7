import type { Explanation } from "./explanation.ts";

/** What becomes of a part of the requests. */
export interface Part {
  /** Of all requests, from 0 to 1. */
  share: number;
  answer: Explanation;
}

/** The parts as one answer: that of the largest, with the endpoints and notes of all. */
export function together(parts: readonly Part[]): Explanation {
  const sorted = [...parts].sort((a, b) => b.share - a.share);
  const [first, ...others] = sorted;
  if (others.length === 0) return first!.answer;
  const answers = sorted.map(({ answer }) => answer);
  const allowed = distinct(answers.flatMap(({ endpoints }) => endpoints.allowed));
  const reached = new Set(allowed.map(keyOf));
  const excluded = distinct(answers.flatMap(({ endpoints }) => endpoints.excluded));
  const { answer } = first!;
  return {
    ...answer,
    route: answer.route && {
      ...answer.route,
      envoyClusters: [...new Set(answers.flatMap(({ route }) => route?.envoyClusters ?? []))],
    },
    endpoints: { allowed, excluded: excluded.filter((one) => !reached.has(keyOf(one))) },
    parts: sorted.map(({ share, answer: { decision, rule, destination, status } }) => ({
      share,
      decision,
      rule,
      destination,
      status,
    })),
    notes: [...new Set(answers.flatMap(({ notes }) => notes))],
    summary: sorted.map(({ share, answer: { summary } }) => `${percent(share)}: ${summary}`).join(" "),
  };
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}% of the requests`;
}

function distinct<E extends { address: string; cluster: string }>(endpoints: readonly E[]): E[] {
  return [...new Map(endpoints.map((one) => [keyOf(one), one])).values()];
}

function keyOf({ cluster, address }: { cluster: string; address: string }): string {
  return `${cluster} ${address}`;
}
